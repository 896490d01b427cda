package mapping_test

import (
	"context"
	"errors"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
	"github.com/ambassador-operator/ambassador-operator/proxy/mapping"
)

// compile compiles a mapping of one rule for every status.
func compile(t testing.TB, jq string) *mapping.Rule {
	t.Helper()
	m, err := mapping.Compile(&config.Response{Rules: []config.ResponseRule{{JQ: jq, Statuses: []string{"100-599"}}}}, []string{"id"})
	if err != nil {
		t.Fatal(err)
	}
	return m.Rule(200)
}

func request() *mapping.Request {
	return &mapping.Request{Status: 200, Captures: []string{"a%20b"}, Query: "q=x+y&page=1&page=2&flag"}
}

func TestMap(t *testing.T) {
	for _, tt := range []struct{ name, jq, in, out string }{
		{"picks a field", `.title`, `{"title":"Alien"}`, `"Alien"`},
		{"makes an object", `{name: .title, year: (.date[:4] | tonumber)}`, `{"title":"Alien","date":"1979-05-25"}`, `{"name":"Alien","year":1979}`},
		{"null is a value", `.nothing`, `{}`, `null`},
		{"a string is a value", `"text"`, `{}`, `"text"`},
		{"a number is a value", `.a + 1`, `{"a":1}`, `2`},
		{"knows the status", `$status`, `{}`, `200`},
		{"knows the captures", `$captures.id`, `{}`, `"a b"`},
		{"knows the query, the last of a name", `$query`, `{}`, `{"flag":"","page":"2","q":"x y"}`},
		{"no content is null", `{error: (.message // "none")}`, ``, `{"error":"none"}`},
		{"a byte order mark is left out", `.`, "\xef\xbb\xbf[1]", `[1]`},
		{"keeps whole numbers above 2^53", `.id`, `{"id":9007199254740993}`, `9007199254740993`},
		{"calculates with them", `.id + 1`, `{"id":9007199254740993}`, `9007199254740994`},
		{"keeps numbers beyond 64 bits", `.`, `[123456789012345678901234567890, 1e400, 1.10]`, `[123456789012345678901234567890,1e400,1.10]`},
		{"multiplies beyond 64 bits", `.[0] * .[1]`, `[12345678901234567890, 10]`, `123456789012345678900`},
		{"NaN becomes null", `nan`, `0`, `null`},
		{"infinity becomes the largest", `infinite`, `0`, `1.7976931348623157e+308`},
		{"orders keys", `.`, `{"b":1,"a":2,"b":3}`, `{"a":2,"b":3}`},
		{"escapes what JSON escapes", `.`, `"\u0000\"\\\n\u2028<é"`, "\"\\u0000\\\"\\\\\\n\u2028<é\""},
		{"has no environment", `[env, $ENV]`, `0`, `[{},{}]`},
		{"adds in update", `.a += 1 | .b *= 2 | .c -= 1 | .d //= 4`, `{"a":1,"b":2,"c":3}`, `{"a":2,"b":4,"c":2,"d":4}`},
		{"updates all", `.items[] |= (.n = .n * .n)`, `{"items":[{"n":2},{"n":3}]}`, `{"items":[{"n":4},{"n":9}]}`},
		{"assigns by an index that is calculated", `.[.[0] + 1] = "x"`, `[1,2,3]`, `[1,2,"x"]`},
		{"assigns through functions", `first(.[] | select(.id == 2)) |= {id, ok: true}`, `[{"id":1},{"id":2},{"id":2}]`, `[{"id":1},{"id":2,"ok":true},{"id":2}]`},
		{"takes every order of operands", `[(1,2) * (3,4)]`, `0`, `[3,6,4,8]`},
		{"compares each with each", `[(1,2) as $a | [.[] == $a]]`, `[1,2]`, `[[true,false],[false,true]]`},
		{"subtracts lists", `.a - .b`, `{"a":[1,2,3],"b":[2]}`, `[1,3]`},
		{"divides texts", `.a / ","`, `{"a":"x,y"}`, `["x","y"]`},
		{"repeats a text", `.a * 3`, `{"a":"ab"}`, `"ababab"`},
		{"interpolates", `"\(.a)-\(.b)" | @base64`, `{"a":1,"b":[2]}`, `"MS1bMl0="`},
		{"formats", `@uri "q=\(.q)&x=1"`, `{"q":"a b"}`, `"q=a%20b&x=1"`},
		{"calls its own functions of guarded names", `def add: . + 1; def f(sort): sort; .x | add | f(. * 2)`, `{"x":1}`, `4`},
		{"adds what a filter makes", `add(.[].n)`, `[{"n":1},{"n":2}]`, `3`},
		{"finds lists in lists", `[.[[2,3]], getpath([[2]])]`, `[1,2,3]`, `[[1],[1]]`},
		{"builds from a stream", `fromstream(tostream)`, `{"budget":237000000,"genres":[{"id":28}]}`, `{"budget":237000000,"genres":[{"id":28}]}`},
		{"deletes paths", `del(.a[0, 1], .b) | delpaths([["c"]])`, `{"a":[1,2,3],"b":1,"c":2}`, `{"a":[3]}`},
		{"replaces with what was captured", `sub("(?<y>[0-9]+)"; "<\(.y)>") | gsub("a"; "_"; "i")`, `"A1a2"`, `"_<1>_2"`},
		{"finds every order of expressions", `[.t | match(("a", "b"); ("g", null)) | .offset]`, `{"t":"aba"}`, `[0,2,0,1,1]`},
		{"splits by an expression", `[.t | split(", *"; null), [splits("b")], [scan("[ab]")], test("A"; "i")]`, `{"t":"a,  b"}`, `[["a","b"],["a,  ",""],["a","b"],true]`},
		{"looks into texts", `.t | gsub("\\s+"; " ") | split(" ") | join("-")`, `{"t":"a  b c"}`, `"a-b-c"`},
		{"sorts and groups", `group_by(.k) | map({k: .[0].k, n: length}) | sort_by(-.n)`, `[{"k":"a"},{"k":"b"},{"k":"b"}]`, `[{"k":"b","n":2},{"k":"a","n":1}]`},
		{"uses regular expressions of data", `. as $d | [.w[] | test($d.re)]`, `{"re":"^a","w":["ab","ba"]}`, `[true,false]`},
		{"catches errors", `try error("x") catch .`, `0`, `"x"`},
		{"indexes texts", `[.t | index("b"), rindex("b"), contains("ab")]`, `{"t":"abab"}`, `[1,3,true]`},
		{"transposes", `transpose`, `[[1],[2,3]]`, `[[1,2],[null,3]]`},
		{"reduces", `reduce .[] as [$k, $v] ({}; .[$k] += $v)`, `[["a",1],["b",2],["a",3]]`, `{"a":4,"b":2}`},
		{"sets paths", `setpath(["a", 1]; 5) | getpath(["a", 1])`, `{}`, `5`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, _, err := compile(t, tt.jq).Map(t.Context(), []byte("kept"), []byte(tt.in), request())
			if err != nil || string(out) != "kept"+tt.out {
				t.Errorf("made %s, %v; want %s", out, err, tt.out)
			}
		})
	}
}

func TestMapFails(t *testing.T) {
	for _, tt := range []struct {
		name, jq, in string
		want         error
	}{
		{"no JSON", `.`, `<html>`, mapping.ErrInput},
		{"half JSON", `.`, `{"a":`, mapping.ErrInput},
		{"JSON and more", `.`, `{} {}`, mapping.ErrInput},
		{"a number without end", `. + 1`, strings.Repeat("1", 5000), mapping.ErrTooLarge},
		{"too long an answer", `1`, `"` + strings.Repeat("x", 1<<20) + `"`, mapping.ErrTooLarge},
		{"two values", `.[]`, `[1,2]`, mapping.ErrValues},
		{"no value", `.[]`, `[]`, mapping.ErrValues},
		{"a value and an error", `1, error("x")`, `0`, mapping.ErrProgram},
		{"an error", `.a.b`, `{"a":"secret"}`, mapping.ErrProgram},
		{"an error of its own", `error("secret")`, `0`, mapping.ErrProgram},
		{"halt", `halt`, `0`, mapping.ErrProgram},
		{"values without end", `repeat(1)`, `0`, mapping.ErrValues},
		{"too much output", `[.,.,.]`, `"` + strings.Repeat("x", 500<<10) + `"`, mapping.ErrTooLarge},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, _, err := compile(t, tt.jq).Map(t.Context(), []byte("kept"), []byte(tt.in), request())
			if !errors.Is(err, tt.want) || string(out) != "kept" {
				t.Errorf("made %.40s, %v; want %v", out, err, tt.want)
			}
			if err == nil || strings.Contains(err.Error(), "secret") || !strings.HasPrefix(err.Error(), "response.rules[0]: ") {
				t.Errorf("the error is %q", err)
			}
		})
	}
}

// Programs that never end, or that make gigabytes, one step at a time or at once.
func TestBounds(t *testing.T) {
	before := debug.SetMemoryLimit(256 << 20) // half of it for a program
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
	deep := strings.Repeat("[", 9000) + strings.Repeat("]", 9000)
	list := "[" + strings.Repeat("0,", 200000) + "1]"
	for _, tt := range []struct{ name, jq, in string }{
		{"a loop", `def f: f; f`, `0`},
		{"a loop that grows", `def f: 1 + f; f`, `0`},
		{"a recursion", `[recurse(. + 1)]`, `0`},
		{"a repetition of nothing", `repeat(empty)`, `0`},
		{"a range", `[range(1e9)]`, `0`},
		{"a range without steps", `last(range(0; 1; 0))`, `0`},
		{"a text repeated", `"x" * 1e9`, `0`},
		{"a text repeated by data", `.s * .n`, `{"s":"xxxxxxxxxx","n":2000000000}`},
		{"a text doubled", `reduce range(60) as $i ("x"; . + .)`, `0`},
		{"a text doubled in place", `reduce range(60) as $i ("x"; . += .)`, `0`},
		{"a text doubled by interpolation", `reduce range(60) as $i ("x"; "\(.)\(.)")`, `0`},
		{"a text quoted over and over", `reduce range(60) as $i ("\""; tojson)`, `0`},
		{"a list doubled", `reduce range(60) as $i ([1]; . + .)`, `0`},
		{"a list doubled through a slice", `reduce range(60) as $i ([1]; .[0:0] = .)`, `0`},
		{"a list doubled within", `reduce range(60) as $i ({a: [1]}; .a[0:0] |= ([1,2,3] + .) | .a += .a)`, `0`},
		{"a far index", `.[500000000] = 1`, `[]`},
		{"a far index by data", `. as $n | [] | .[$n] |= 1`, `500000000`},
		{"a far path", `setpath(["a", 500000000]; 1)`, `{}`},
		{"a deep path", `setpath([range(200000) | 0]; 1)`, `null`},
		{"deep paths", `delpaths([[range(200000) | 0]])`, `null`},
		{"a far event", `fromstream([[500000000], 1], [[500000000]])`, `{}`},
		{"lists of lists of themselves as text", `reduce range(60) as $i ([]; [., .]) | tojson`, `0`},
		{"lists of lists of themselves as output", `reduce range(60) as $i ([]; [., .])`, `0`},
		{"lists of lists of themselves compared", `reduce range(60) as $i ([]; [., .]) | . == [., 1][0]`, `0`},
		{"lists of lists of themselves sorted", `reduce range(60) as $i ([]; [., .]) | [., .] | sort`, `0`},
		{"lists of lists of themselves flattened", `reduce range(60) as $i ([]; [., .]) | flatten`, `0`},
		{"lists in lists", `reduce range(1000000) as $i ([]; [.])`, `0`},
		{"one text joined many times", `. as $s | [range(100000) | $s] | join("")`, `"` + strings.Repeat("x", 1<<19) + `"`},
		{"one text added many times", `. as $s | [range(100000) | $s] | add`, `"` + strings.Repeat("x", 1<<19) + `"`},
		{"one separator many times", `. as $s | [range(100000) | "a"] | join($s)`, `"` + strings.Repeat("x", 1<<19) + `"`},
		{"a factorial", `reduce range(1; 100000) as $i (1; . * $i) | 1`, `0`},
		{"squares", `reduce range(60) as $i (3; . * .) | 1`, `0`},
		{"a number of a text", `. * 900000 | tonumber`, `"1"`},
		{"each with each", `. - map(. + 2)`, list},
		{"each with each within", `contains(map(. + 2))`, list},
		{"a list of rows", `[., range(100000) | [.]] | [.[0][0]] + . | transpose`, list},
		{"a list sought in a list", `reduce range(60) as $i ([]; [., .]) | . as $x | [$x] | .[[$x]]`, `0`},
		{"a list sought by a path", `reduce range(60) as $i ([]; [., .]) | . as $x | [$x] | getpath([[$x]])`, `0`},
		{"an index with more than its bounds", `reduce range(60) as $i ([]; [., .]) | {start: 0, end: 1, x: .} as $x | [1] | del(.[$x], .[$x])`, `0`},
		{"lists of lists of themselves as paths", `reduce range(60) as $i ([]; [., .]) | . as $x | {} | delpaths([[$x], [$x]])`, `0`},
		{"lists of lists of themselves as an error", `reduce range(60) as $i ([]; [., .]) | error`, `0`},
		{"a large expression", `test("x{1000}" * 100)`, `"x"`},
		{"a slow expression", `test("(x?){1000}y")`, `"` + strings.Repeat("x", 1<<20-2) + `"`},
		{"an expression that looks ahead from each byte", `[match("x*y|"; "g")]`, `"` + strings.Repeat("x", 1<<17) + `"`},
		{"an expression that does so late", `gsub("a|\\Bx*y|"; "")`, `"` + strings.Repeat("a", 1<<16) + strings.Repeat("x", 1<<16) + `"`},
		{"many matches to be counted", `[match(""; "g")]`, `"` + strings.Repeat("x", 1<<17) + `"`},
		{"a list reversed over and over", `[range(1000000)] as $x | [range(1000) | $x | reverse]`, `0`},
		{"a list changed over and over", `[range(1000000)] as $x | [range(1000) | $x | .[0] = 1]`, `0`},
		{"a function that hides another", `def f(tojson): .; reduce range(60) as $i ([]; [., .]) | tojson`, `0`},
		{"a function that hides another elsewhere", `def f: def sort: .; .; reduce range(60) as $i ([]; [., .]) | [., .] | sort`, `0`},
		{"a text with a match at each byte", `gsub(""; "y")`, `"` + strings.Repeat("x", 1<<20-2) + `"`},
		{"combinations", `[[range(100)] | [., ., ., ., .] | combinations]`, `0`},
		{"depth", `[[[.]]] | tojson | fromjson | [[[., .]]] | reduce range(2000) as $i (.; [.])`, deep},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, err := mapping.Compile(&config.Response{
				Rules:   []config.ResponseRule{{JQ: tt.jq}},
				Timeout: config.Duration(300 * time.Millisecond),
			}, nil)
			if err != nil {
				t.Fatal(err)
			}
			runtime.GC()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			_, _, err = m.Rule(200).Map(t.Context(), nil, []byte(tt.in), request())
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			if err == nil {
				t.Error("the program came to an end")
			}
			grown := int64(after.HeapSys-before.HeapSys) >> 20
			if took > 10*time.Second || grown > 256 { // a busy machine may be slow
				t.Errorf("%v after %v; the heap has grown by %d MiB", err, took, grown)
			}
			t.Logf("%v after %v, heap %d MiB more", err, took, grown)
		})
	}
}

func TestContextEndsAProgram(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	_, _, err := compile(t, `def f: f; f`).Map(ctx, nil, []byte("0"), request())
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}
