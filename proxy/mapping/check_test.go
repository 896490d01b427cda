package mapping_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
	"github.com/ambassador-operator/ambassador-operator/proxy/mapping"
)

func TestCompileNamesTheMistake(t *testing.T) {
	for _, tt := range []struct{ name, jq, want string }{
		{"a token", "{a: .b}\n| }", `response.rules[1].jq: line 2, column 3: unexpected token "}"`},
		{"an end", "{a: .b", `response.rules[1].jq: line 1, column 7: unexpected EOF`},
		{"a text without an end", `.a | "x`, `response.rules[1].jq: line 1, column 8: unterminated string literal`},
		{"a function", `.a | nothing(1)`, `response.rules[1].jq: function not defined: nothing/1; correct the name`},
		{"a variable", `$params.id`, `response.rules[1].jq: variable not defined: $params; the variables are $status, $captures and $query`},
		{"a capture", `$captures.movie`, `response.rules[1].jq: $captures.movie: the route's path has no {movie}; it captures id`},
		{"an input", `input`, `response.rules[1].jq: input(s)/0 is not allowed; a program sees one answer`},
		{"all inputs", `[inputs]`, `response.rules[1].jq: input(s)/0 is not allowed; a program sees one answer`},
		{"a module", `import "a" as a; .`, `response.rules[1].jq: cannot load module: "a"; write what it defines into the program`},
		{"a message", `debug`, `response.rules[1].jq: function not defined: debug/0; correct the name`},
		{"a guard's name", `def __tree(m): .; .`, `response.rules[1].jq: "__tree" begins with two underscores; name it otherwise`},
		{"a function of the interpreter's own", `_multiply("x"; 9)`, `response.rules[1].jq: the function "_multiply" begins with an underscore; name it otherwise`},
		{"a function that hides a guarded one", `def sort_by(f): .; .`, `response.rules[1].jq: sort_by/1 is one of jq's own functions; name yours otherwise`},
		{"a pattern with a guard's variable", `. as {$__meter} | .`, `response.rules[1].jq: "__meter" begins with two underscores; name it otherwise`},
		{"a guard's variable", `$__meter`, `response.rules[1].jq: "__meter" begins with two underscores; name it otherwise`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := mapping.Compile(&config.Response{Rules: []config.ResponseRule{{}, {JQ: tt.jq}}}, []string{"id"})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("the error is %v; want %q", err, tt.want)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	rules := []config.ResponseRule{
		{JQ: `{name: .title, id: $captures.id, page: ($query.page // "1")}`},
		{Statuses: []string{"404"}, JQ: `{error: .message}`, Status: 410},
		{Statuses: []string{"500"}, JQ: `def f: f; f`},
		{Statuses: []string{"418"}, Status: 400},
		{Statuses: []string{"502"}, JQ: `.`, StatusJQ: `if .ok then null else .code end`, Status: 203},
		{Statuses: []string{"503"}, JQ: `error`},
		{Statuses: []string{"504"}, JQ: `reduce range(60) as $i ([]; [., .]) | error`},
	}
	for _, tt := range []struct {
		name    string
		example config.Example
		want    string // "": it comes out
	}{
		{"by value", config.Example{Input: `{"title":"Alien"}`, Captures: map[string]string{"id": "7"}, Output: `{ "page":"1", "id":"7", "name":"Alien" }`}, ""},
		{"with a query", config.Example{Input: `{}`, Query: map[string]string{"page": "2"}, Output: `{"page":"2","id":null,"name":null}`}, ""},
		{"anything", config.Example{Input: `{}`}, ""},
		{"a status", config.Example{Status: 404, Input: `{"message":"x"}`, Output: `{"error":"x"}`, OutputStatus: 410}, ""},
		{"a status alone", config.Example{Status: 418, Input: `tea`, OutputStatus: 400}, ""},
		{"no rule", config.Example{Status: 302, Input: `{"a":1.0}`, Output: `{"a":1}`, OutputStatus: 302}, ""},
		{"a status of the content", config.Example{Status: 502, Input: `{"code":404}`, OutputStatus: 404}, ""},
		{"no status of the content", config.Example{Status: 502, Input: `{"ok":true}`, OutputStatus: 203}, ""},
		{"a status that is none", config.Example{Status: 502, Input: `{"code":7}`}, "rules[4].jq: statusJQ did not make a number of 200 to 599"},
		{"another output", config.Example{Status: 404, Input: `{}`, Output: `{"error":"x"}`}, `response.examples[0].output: want {"error":"x"}, but {"error":null} comes out; correct the program or the example`},
		{"another status", config.Example{Status: 404, Input: `{}`, OutputStatus: 404}, `response.examples[0].outputStatus: want 404, but 410 comes out`},
		{"a failure", config.Example{Input: `"Alien"`}, `response.examples[0].input: rules[0].jq: the program failed: expected an object but got: string ("Alien"); correct`},
		{"an error of its own", config.Example{Status: 503, Input: `{"a":[1]}`}, `response.examples[0].input: rules[5].jq: the program failed: error: {"a":[1]}; correct`},
		{"an error without end", config.Example{Status: 504, Input: `0`}, `response.examples[0].input: rules[6].jq: the program failed: error: [[[[`},
		{"no JSON", config.Example{Input: `{`}, `response.examples[0].input: it is not JSON: it ends early; write what the service answers`},
		{"an error that is no JSON", config.Example{Status: 404, Input: `<html>`, Output: `{"error":null}`}, ""},
		{"no JSON out", config.Example{Input: `{}`, Output: `x`}, `response.examples[0].output: it is not JSON`},
		{"a loop", config.Example{Status: 500, Input: `{}`}, `response.examples[0].input: rules[2].jq: the program took too long; correct`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, err := mapping.Compile(&config.Response{Rules: rules, Examples: []config.Example{tt.example}, Timeout: config.Duration(50 * time.Millisecond)}, []string{"id"})
			if err != nil {
				t.Fatal(err)
			}
			err = m.Check(t.Context())
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("the error is %v; want %q", err, tt.want)
			}
		})
	}
}

func TestCheckDocument(t *testing.T) {
	document := &config.Document{Ambassadors: []config.Ambassador{
		{},
		{Routes: []config.Route{
			{Path: "/a"},
			{Path: "/movies/{id}", Response: &config.Response{Rules: []config.ResponseRule{{JQ: `$captures.id`}, {JQ: `(`}, {Statuses: []string{"9xx"}}}}},
			{Path: "/b", Response: &config.Response{Rules: []config.ResponseRule{{JQ: `.a`}}, Examples: []config.Example{{Input: `1`}, {Input: `{`}}}},
		}},
	}}
	err := mapping.CheckDocument(document)
	if err == nil {
		t.Fatal("no mistake was found")
	}
	lines := strings.Split(err.Error(), "\n")
	for i, want := range []string{
		"ambassadors[1].routes[1].response.rules[1].jq: line 1, column 2: unexpected EOF",
		`ambassadors[1].routes[1].response.rules[2].statuses: "9xx" is not a status`,
		"ambassadors[1].routes[2].response.examples[0].input: rules[0].jq: the program failed",
		"ambassadors[1].routes[2].response.examples[1].input: it is not JSON",
	} {
		if len(lines) <= i || !strings.HasPrefix(lines[i], want) {
			t.Errorf("line %d of %q is not %q", i, err, want)
		}
	}
	document.Ambassadors[1].Routes = document.Ambassadors[1].Routes[:1]
	if err := mapping.CheckDocument(document); err != nil {
		t.Error(err)
	}
}

func TestRuleIsTheFirstThatFits(t *testing.T) {
	m, err := mapping.Compile(&config.Response{Rules: []config.ResponseRule{
		{JQ: "1"}, {Statuses: []string{"404", "410"}, Status: 204}, {Statuses: []string{"4xx"}, ContentType: "a/b", JQ: "1"},
	}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for status, want := range map[int]mapping.Rule{201: {}, 410: {Status: 204}, 418: {ContentType: "a/b"}} {
		if got := m.Rule(status); got == nil || got.Status != want.Status || got.ContentType != want.ContentType || status == 201 && got.TypeOf(false) != "application/json" {
			t.Errorf("%d: the rule is %+v", status, got)
		}
	}
	if m.Rule(302) != nil || m.Rule(500) != nil {
		t.Error("a rule fits a status that none names")
	}
}
