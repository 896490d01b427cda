package cache_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/cache"
	"github.com/ambassador-operator/ambassador-operator/proxy/config"
	"github.com/ambassador-operator/ambassador-operator/proxy/http1"
)

// noon is when every test begins.
var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// world is a store with a client and a service around it, whose time the test moves.
type world struct {
	t     testing.TB
	store *cache.Store
	rule  config.CacheRule
	now   time.Duration
}

func newWorld(t testing.TB, rule config.CacheRule, sizes *config.Cache) *world {
	return &world{t: t, store: cache.NewStore(sizes), rule: rule}
}

func (w *world) clock() cache.Clock { return cache.Clock{Mono: w.now, Wall: noon.Add(w.now)} }

// date writes the world's date, some seconds from now.
func (w *world) date(seconds int) string {
	return noon.Add(w.now + time.Duration(seconds)*time.Second).Format("Mon, 02 Jan 2006 15:04:05 GMT")
}

// query reads a request: "GET /target" and field lines.
func (w *world) query(request string) *cache.Query {
	w.t.Helper()
	line, fields, _ := strings.Cut(request, "\n")
	method, target, _ := strings.Cut(line, " ")
	var parsed http1.Request
	if err := parsed.Parse([]byte(method + " / HTTP/1.1\r\nHost: a\r\n" + lines(fields) + "\r\n")); err != nil {
		w.t.Fatal(err)
	}
	q := &cache.Query{Key: []byte(target), Rule: &w.rule, IsHead: method == "HEAD"}
	q.Read(parsed.Fields)
	return q
}

func lines(fields string) string {
	text := ""
	for line := range strings.SplitSeq(fields, "\n") {
		if line != "" {
			text += line + "\r\n"
		}
	}
	return text
}

// answer parses "200" and field lines; "{-60}" in them is the date a minute ago.
func (w *world) answer(text string) *http1.Response {
	w.t.Helper()
	status, fields, _ := strings.Cut(text, "\n")
	for _, seconds := range []int{-600, -60, -10, 0, 10, 60} {
		fields = strings.ReplaceAll(fields, "{"+itoa(seconds)+"}", w.date(seconds))
	}
	var parsed http1.Response
	if err := parsed.Parse([]byte("HTTP/1.1 "+status+" Reason\r\n"+lines(fields)+"\r\n"), []byte("HEAD")); err != nil {
		w.t.Fatal(err)
	}
	return &parsed
}

func itoa(n int) string {
	if n < 0 {
		return "-" + itoa(-n)
	}
	if n >= 10 {
		return itoa(n/10) + itoa(n%10)
	}
	return string(rune('0' + n))
}

// ask sends a request, which the service answers where it is asked. It returns the verdict.
func (w *world) ask(request, answer, body string) cache.Verdict {
	w.t.Helper()
	q := w.query(request)
	outcome := w.store.Look(q, w.now)
	if outcome.Verdict != cache.Miss && outcome.Verdict != cache.Validate || !q.MayKeep() {
		return outcome.Verdict
	}
	fill, leads := w.store.Begin(q, true, w.now)
	if !leads {
		w.t.Fatal("somebody else asks")
	}
	defer fill.Abandon()
	resp := w.answer(answer)
	if resp.Status == 304 {
		fill.Refresh(outcome.Entry, q.JudgeNotModified(outcome.Entry, resp, w.now, w.clock()), resp.Fields, false, noon)
		return outcome.Verdict
	}
	if fill.Keep(q.Judge(resp, w.now, w.clock()), resp.Status, resp.Reason, resp.Fields, int64(len(body)), noon) && fill.Write([]byte(body)) {
		fill.Commit()
	}
	return outcome.Verdict
}

// look returns the verdict on a request and the head and content that it would be given.
func (w *world) look(request string) (cache.Verdict, string) {
	w.t.Helper()
	q := w.query(request)
	outcome := w.store.Look(q, w.now)
	if outcome.Entry == nil || outcome.Verdict == cache.Unavailable {
		return outcome.Verdict, ""
	}
	if q.IsFresh(outcome.Entry) {
		return outcome.Verdict, string(outcome.Entry.AppendNotModified(nil, w.now))
	}
	return outcome.Verdict, string(outcome.Entry.AppendHead(nil, w.now)) + "\r\n" + string(outcome.Entry.Body())
}

func TestWhatIsKeptAndForHowLong(t *testing.T) {
	const hour = config.Duration(time.Hour)
	for _, test := range []struct {
		name    string
		request string // GET /a and field lines
		answer  string
		rule    config.CacheRule
		after   time.Duration // when it is asked for again
		again   string        // field lines of that request
		want    cache.Verdict
	}{
		{"4.2.1 max-age", "", "200\nCache-Control: max-age=60", config.CacheRule{}, 59 * time.Second, "", cache.Hit},
		{"4.2.1 max-age that has passed", "", "200\nCache-Control: max-age=60\nETag: \"1\"", config.CacheRule{}, 60 * time.Second, "", cache.Validate},
		{"4.2.1 max-age before Expires", "", "200\nCache-Control: max-age=60\nExpires: {-60}", config.CacheRule{}, 0, "", cache.Hit},
		{"4.2.1 the least of two", "", "200\nCache-Control: max-age=60, max-age=1\nETag: 1", config.CacheRule{}, 2 * time.Second, "", cache.Validate},
		{"4.2.1 not a number", "", "200\nCache-Control: max-age='60'\nETag: 1", config.CacheRule{}, 0, "", cache.Validate},
		{"5.2 in quotes of another directive", "", "200\nCache-Control: other=\"max-age=60\", max-age=0\nETag: 1", config.CacheRule{}, 0, "", cache.Validate},
		{"5.2 quoted, in any case", "", "200\nCache-Control: MaX-aGe=\"60\"", config.CacheRule{}, 59 * time.Second, "", cache.Hit},
		{"5.3 Expires", "", "200\nDate: {0}\nExpires: {60}", config.CacheRule{}, 59 * time.Second, "", cache.Hit},
		{"5.3 Expires that has passed", "", "200\nDate: {0}\nExpires: {60}\nETag: 1", config.CacheRule{}, 60 * time.Second, "", cache.Validate},
		{"5.3 Expires that is no date", "", "200\nExpires: 0\nETag: 1", config.CacheRule{}, 0, "", cache.Validate},
		{"5.2.2.10 s-maxage is for shared caches", "", "200\nCache-Control: max-age=60, s-maxage=1", config.CacheRule{}, 30 * time.Second, "", cache.Hit},
		{"4.2.3 Age counts", "", "200\nCache-Control: max-age=60\nAge: 30", config.CacheRule{}, 29 * time.Second, "", cache.Hit},
		{"4.2.3 Age is too high", "", "200\nCache-Control: max-age=60\nAge: 60\nETag: 1", config.CacheRule{}, 0, "", cache.Validate},
		{"4.2.3 Date counts", "", "200\nCache-Control: max-age=60\nDate: {-60}\nETag: 1", config.CacheRule{}, 0, "", cache.Validate},
		{"5.1 Age that is no number", "", "200\nCache-Control: max-age=60\nAge: old\nETag: 1", config.CacheRule{}, 0, "", cache.Validate},
		{"4.2.2 nothing is guessed", "", "200\nLast-Modified: {-600}", config.CacheRule{}, 0, "", cache.Validate},
		{"3 nothing said, nothing to ask with", "", "200\nServer: a", config.CacheRule{}, 0, "", cache.Miss},
		{"3 no-store", "", "200\nCache-Control: no-store, max-age=60", config.CacheRule{}, 0, "", cache.Miss},
		{"5.2.2.3 must-understand", "", "200\nCache-Control: no-store, must-understand, max-age=60", config.CacheRule{}, 0, "", cache.Hit},
		{"5.2.2.3 not understood", "", "599\nCache-Control: must-understand, max-age=60", config.CacheRule{}, 0, "", cache.Miss},
		{"3 any status that says so", "", "503\nCache-Control: max-age=60", config.CacheRule{}, 0, "", cache.Hit},
		{"3 not a status that does not", "", "503\nETag: 1", config.CacheRule{}, 0, "", cache.Miss},
		{"3 no part", "", "206\nCache-Control: max-age=60", config.CacheRule{}, 0, "", cache.Miss},
		{"5.2.2.7 private is for it", "", "200\nCache-Control: private, max-age=60", config.CacheRule{}, 0, "", cache.Hit},
		{"private, but the application speaks for somebody", "Cookie: a=b", "200\nCache-Control: private, max-age=60", config.CacheRule{}, 0, "Cookie: a=b", cache.Miss},
		{"3.5 Authorization of the application's own", "Authorization: a", "200\nCache-Control: max-age=60", config.CacheRule{OverrideTTL: hour}, 0, "", cache.Miss},
		{"private, and the application speaks for somebody later", "", "200\nCache-Control: private, max-age=60", config.CacheRule{}, 0, "Cookie: a=b", cache.Miss},
		{"overridden, and it does later", "", "200\nCache-Control: max-age=60", config.CacheRule{OverrideTTL: hour}, 0, "Authorization: a", cache.Miss},
		{"by default, and it does later", "", "200\nServer: a", config.CacheRule{DefaultTTL: hour}, 0, "Authorization: a", cache.Miss},
		{"by the service's own word, and it does later", "", "200\nCache-Control: max-age=60", config.CacheRule{DefaultTTL: hour}, 0, "Authorization: a", cache.Hit},
		{"no default where it speaks for somebody", "Cookie: a=b", "200\nServer: a", config.CacheRule{DefaultTTL: hour}, 0, "Cookie: a=c", cache.Miss},
		{"3.5 public", "Authorization: a", "200\nCache-Control: public, max-age=60", config.CacheRule{}, 0, "", cache.Hit},
		{"5.2.1.5 no-store of the client", "Cache-Control: no-store", "200\nCache-Control: max-age=60", config.CacheRule{}, 0, "", cache.Miss},
		{"5.2.2.4 no-cache is asked about", "", "200\nCache-Control: no-cache, max-age=60\nETag: 1", config.CacheRule{}, 0, "", cache.Validate},
		{"5.2.1.4 no-cache of the client", "", "200\nCache-Control: max-age=60", config.CacheRule{}, 0, "Cache-Control: no-cache", cache.Validate},
		{"5.2.1.1 max-age of the client", "", "200\nCache-Control: max-age=60", config.CacheRule{}, 20 * time.Second, "Cache-Control: max-age=10", cache.Validate},
		{"5.2.1.3 min-fresh", "", "200\nCache-Control: max-age=60", config.CacheRule{}, 55 * time.Second, "Cache-Control: min-fresh=10", cache.Validate},
		{"5.2.1.2 max-stale", "", "200\nCache-Control: max-age=60", config.CacheRule{}, 65 * time.Second, "Cache-Control: max-stale=10", cache.Hit},
		{"5.2.1.2 max-stale is over", "", "200\nCache-Control: max-age=60", config.CacheRule{}, 75 * time.Second, "Cache-Control: max-stale=10", cache.Validate},
		{"5.2.2.2 must-revalidate", "", "200\nCache-Control: max-age=60, must-revalidate", config.CacheRule{StaleWhileRevalidate: hour}, 65 * time.Second, "Cache-Control: max-stale", cache.Validate},
		{"5.2.1.7 only-if-cached", "", "200\nCache-Control: max-age=60", config.CacheRule{}, 0, "Cache-Control: only-if-cached", cache.Hit},
		{"5.2.1.7 only-if-cached, and it is not", "", "200\nCache-Control: no-store", config.CacheRule{}, 0, "Cache-Control: only-if-cached", cache.Unavailable},
		{"3.3 a part goes to the service", "", "200\nCache-Control: max-age=60", config.CacheRule{}, 0, "Range: bytes=0-1", cache.Bypass},
		{"4.3.2 If-Match goes to the service", "", "200\nCache-Control: max-age=60", config.CacheRule{}, 0, "If-Match: \"1\"", cache.Bypass},
		{"RFC 5861 section 3", "", "200\nCache-Control: max-age=60, stale-while-revalidate=10", config.CacheRule{}, 65 * time.Second, "", cache.HitStale},
		{"RFC 5861 section 3, over", "", "200\nCache-Control: max-age=60, stale-while-revalidate=10", config.CacheRule{StaleWhileRevalidate: hour}, 70 * time.Second, "", cache.Validate},
		{"the rule's stale-while-revalidate", "", "200\nCache-Control: max-age=60", config.CacheRule{StaleWhileRevalidate: hour}, 65 * time.Second, "", cache.HitStale},
		{"the rule's default", "", "200\nServer: a", config.CacheRule{DefaultTTL: hour}, 59 * time.Minute, "", cache.Hit},
		{"the rule's default is over", "", "200\nServer: a", config.CacheRule{DefaultTTL: hour}, time.Hour, "", cache.Validate},
		{"no default where the answer says", "", "200\nCache-Control: max-age=0\nETag: 1", config.CacheRule{DefaultTTL: hour}, 0, "", cache.Validate},
		{"no default for a session", "", "200\nSet-Cookie: a=b", config.CacheRule{DefaultTTL: hour}, 0, "", cache.Miss},
		{"no default for errors", "", "500\nServer: a", config.CacheRule{DefaultTTL: hour}, 0, "", cache.Miss},
		{"the rule's override", "", "200\nCache-Control: no-store, must-revalidate, max-age=0\nAge: 9999", config.CacheRule{OverrideTTL: hour}, 59 * time.Minute, "", cache.Hit},
		{"the override holds for some statuses", "", "500\nServer: a", config.CacheRule{OverrideTTL: hour}, 0, "", cache.Miss},
		{"4.1 Vary: *", "", "200\nCache-Control: max-age=60\nVary: Accept, *", config.CacheRule{OverrideTTL: hour}, 0, "", cache.Miss},
		{"4.1 Vary, alike", "Accept:  a ,b", "200\nCache-Control: max-age=60\nVary: Accept", config.CacheRule{}, 0, "Accept: a\nAccept: b", cache.Hit},
		{"4.1 Vary, not alike", "Accept: a", "200\nCache-Control: max-age=60\nVary: Accept", config.CacheRule{}, 0, "Accept: b", cache.Miss},
		{"4.1 Vary, missing", "Accept: a", "200\nCache-Control: max-age=60\nVary: Accept", config.CacheRule{}, 0, "", cache.Miss},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, test.rule, nil)
			w.ask("GET /a\n"+test.request, test.answer, "content")
			w.now += test.after
			if got, _ := w.look("GET /a\n" + test.again); got != test.want {
				t.Errorf("verdict %d, want %d", got, test.want)
			}
		})
	}
}

func TestAnEntryIsGivenAsItCame(t *testing.T) {
	w := newWorld(t, config.CacheRule{}, nil)
	w.ask("GET /a", "200\nContent-Type: text/plain\nCache-Control: max-age=60\nAge: 3\nETag: \"1\"\nDate: {0}\nSet-Cookie: a\nSet-Cookie: b\nConnection: X-Hop\nX-Hop: 1", "content")
	w.now += 7 * time.Second
	want := "HTTP/1.1 200 Reason\r\nCache-Control: max-age=60\r\nETag: \"1\"\r\nDate: Wed, 25 Nov 2026 12:00:00 GMT\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n" +
		"Content-Type: text/plain\r\nContent-Length: 7\r\nAge: 10\r\n\r\ncontent"
	for _, method := range []string{"GET", "HEAD"} {
		if _, got := w.look(method + " /a"); got != want {
			t.Errorf("%s: got %q, want %q", method, got, want)
		}
	}
}

func TestAClientThatHoldsItIsToldSo(t *testing.T) {
	for name, test := range map[string]struct {
		answer, again string
		want          bool
	}{
		"the tag":                        {"ETag: \"1\"", "If-None-Match: \"1\"", true},
		"one of the tags":                {"ETag: \"1\"", "If-None-Match: \"0,1\", \"1\"", true},
		"a weak tag":                     {"ETag: W/\"1\"", "If-None-Match: \"1\"", true},
		"any tag":                        {"ETag: \"1\"", "If-None-Match: *", true},
		"another tag":                    {"ETag: \"1\"", "If-None-Match: \"2\"", false},
		"the date":                       {"Last-Modified: {-60}", "If-Modified-Since: {-60}", true},
		"a later date":                   {"Last-Modified: {-60}", "If-Modified-Since: {-10}", true},
		"an earlier date":                {"Last-Modified: {-60}", "If-Modified-Since: {-600}", false},
		"no date, but it came before":    {"Server: a", "If-Modified-Since: {10}", true},
		"the tag goes before the date":   {"ETag: \"1\"\nLast-Modified: {-60}", "If-None-Match: \"2\"\nIf-Modified-Since: {-60}", false},
		"a date that can not be read":    {"Last-Modified: {-60}", "If-Modified-Since: yesterday", false},
		"nothing that is asked with is:": {"ETag: \"1\"", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, config.CacheRule{}, nil)
			w.ask("GET /a", "200\nContent-Type: text/plain\nCache-Control: max-age=60\nDate: {0}\n"+test.answer, "content")
			again := test.again
			for _, seconds := range []int{-600, -60, -10, 10} {
				again = strings.ReplaceAll(again, "{"+itoa(seconds)+"}", w.date(seconds))
			}
			_, got := w.look("GET /a\n" + again)
			if isTold := strings.HasPrefix(got, "HTTP/1.1 304 "); isTold != test.want {
				t.Errorf("got %q", got)
			} else if isTold && (strings.Contains(got, "Content-Type") || !strings.Contains(got, "Cache-Control: max-age=60") || !strings.Contains(got, "Age: 0")) {
				t.Errorf("fields of the 304: %q", got)
			}
		})
	}
}

func TestA304ConfirmsWhatIsKept(t *testing.T) {
	w := newWorld(t, config.CacheRule{}, nil)
	w.ask("GET /a", "200\nCache-Control: max-age=60\nETag: \"1\"\nDate: {0}\nX-A: old\nX-B: stays\nX-C: 1\nX-D: 2\nX-E: 3\nContent-Encoding: gzip", "content")
	w.now += 61 * time.Second
	q := w.query("GET /a\nIf-None-Match: \"mine\"")
	outcome := w.store.Look(q, w.now)
	asked := cache.Condition([]http1.Field{{Name: []byte("If-None-Match"), Value: []byte(`"mine"`)}}, outcome.Entry)
	if got := string(http1.AppendFields(nil, asked)); got != "If-None-Match: \"1\"\r\n" {
		t.Errorf("asked with %q", got)
	}
	w.ask("GET /a", "304\nETag: \"2\"\nDate: {0}\nX-A: new\nContent-Encoding: br\nContent-Length: 3", "")
	verdict, got := w.look("GET /a")
	want := "HTTP/1.1 200 Reason\r\nCache-Control: max-age=60\r\nETag: \"1\"\r\nX-B: stays\r\nX-C: 1\r\nX-D: 2\r\nX-E: 3\r\nDate: Wed, 25 Nov 2026 12:01:01 GMT\r\nX-A: new\r\n" +
		"Content-Encoding: gzip\r\nContent-Length: 7\r\nAge: 0\r\n\r\ncontent"
	if verdict != cache.Hit || got != want {
		t.Errorf("verdict %d, got %q, want %q", verdict, got, want)
	}
	w.now += 61 * time.Second
	w.ask("GET /a", "304\nCache-Control: no-store", "")
	if verdict, _ := w.look("GET /a"); verdict != cache.Miss {
		t.Errorf("after a 304 that says no-store: verdict %d", verdict)
	}
}

func TestVariants(t *testing.T) {
	w := newWorld(t, config.CacheRule{}, nil)
	vary := "200\nCache-Control: max-age=60\nVary: Accept-Language"
	w.ask("GET /a\nAccept-Language: de", vary, "hallo")
	w.ask("GET /a\nAccept-Language: en", vary, "hello")
	for language, want := range map[string]string{"de": "hallo", "EN": "hello"} {
		if _, got := w.look("GET /a\nAccept-Language: " + language); !strings.HasSuffix(got, "\r\n\r\n"+want) {
			t.Errorf("%s: %q", language, got)
		}
	}
	w.ask("GET /a\nAccept-Language: fr", "200\nCache-Control: max-age=60", "forgot Vary")
	if verdict, _ := w.look("GET /a\nAccept-Language: it"); verdict != cache.Miss {
		t.Errorf("an answer without Vary was taken for another language: verdict %d", verdict)
	}
	w.ask("GET /a\nAccept: x", "200\nCache-Control: max-age=60\nVary: Accept", "another Vary")
	if verdict, _ := w.look("GET /a\nAccept-Language: de"); verdict != cache.Miss {
		t.Errorf("what was kept under the old Vary is given still: verdict %d", verdict)
	}
	if got := w.store.Usage().Entries; got != 1 {
		t.Errorf("%d entries, want 1", got)
	}
}

func TestWhatAPurgeRemoves(t *testing.T) {
	w := newWorld(t, config.CacheRule{}, nil)
	const fresh = "200\nCache-Control: max-age=60"
	w.ask("GET /a", fresh, "old")
	q := w.query("GET /b")
	fill, _ := w.store.Begin(q, true, w.now)
	other, leads := w.store.Begin(w.query("GET /b"), true, w.now)
	if leads {
		t.Fatal("two ask for the same")
	}
	resp := w.answer(fresh)
	fill.Keep(q.Judge(resp, 0, w.clock()), 200, nil, resp.Fields, -1, noon)
	fill.Write([]byte("old"))
	w.store.Purge([]byte("/a"))
	w.store.Purge([]byte("/b"))
	select {
	case <-other.Done():
	default:
		t.Error("somebody waits for what will not be kept")
	}
	fill.Write([]byte("more"))
	fill.Commit()
	for _, target := range []string{"/a", "/b"} {
		if verdict, _ := w.look("GET " + target); verdict != cache.Miss {
			t.Errorf("%s: verdict %d, want a miss", target, verdict)
		}
	}
	w.ask("GET /a", fresh, "for one credential")
	q = w.query("GET /a")
	q.Owner = "another credential"
	if verdict := w.store.Look(q, w.now).Verdict; verdict != cache.Miss {
		t.Error("an answer for one credential is given for another")
	}
	if got := w.store.Usage(); got.Bytes != 0 || got.Entries != 0 {
		t.Errorf("left: %+v", got)
	}
}

func TestRelatedTargets(t *testing.T) {
	w := newWorld(t, config.CacheRule{}, nil)
	resp := w.answer("201\nLocation: ../c?d=e\nContent-Location: https://a.example/x\nLocation: https://b.example/y\nLocation: ::")
	got := strings.Join(cache.Related("a.example", "/a/b", resp.Fields), " ")
	if want := "/c?d=e /x"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for method, want := range map[string]bool{"POST": true, "DELETE": true, "M-SEARCH": true, "GET": false, "OPTIONS": false} {
		if cache.Purges([]byte(method), 204) != want || cache.Purges([]byte(method), 404) {
			t.Errorf("%s", method)
		}
	}
}
