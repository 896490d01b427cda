package relay_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
	"github.com/ambassador-operator/ambassador-operator/proxy/mapping"
)

// mapped gives the ambassador one route, "/movies/{id}", whose answers are mapped so.
func mapped(t testing.TB, response config.Response) func(*setup) {
	return func(s *setup) {
		s.config.Routes = []config.Route{{Path: "/movies/{id}", Response: &response}}
		all, err := mapping.CompileDocument(&config.Document{Ambassadors: []config.Ambassador{s.config}})
		if err != nil {
			t.Fatal(err)
		}
		s.service.Mappings = all[0]
	}
}

// program maps answers of 200 with one program.
func program(jq string) config.Response {
	return config.Response{Rules: []config.ResponseRule{{JQ: jq}}}
}

const getMovie = "GET /movies/a%20b?page=2 HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\nRange: bytes=0-1\r\n\r\n"

func gzipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.String()
}

func withLength(head, body string) string {
	return fmt.Sprintf("HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s", head, len(body), body)
}

func TestAnswersAreMapped(t *testing.T) {
	rules := config.Response{Rules: []config.ResponseRule{
		{JQ: `{name: .title, id: $captures.id, page: $query.page}`, StatusJQ: `if .name then null else 404 end`},
		{Statuses: []string{"404"}, JQ: `{error: (.message // "none"), status: $status}`, Status: 410, ContentType: "application/vnd.error+json"},
		{Statuses: []string{"500"}, Status: 502},
		{Statuses: []string{"3xx"}, Status: 204},
	}}
	const named = `{"id":"a b","name":"Alien","page":"2"}`
	long := strings.Repeat("x", 100<<10)
	for _, tt := range []struct{ name, answer, status, contentType, body string }{
		{"of known length", withLength("200 OK\r\nContent-Type: text/json", `{"title":"Alien"}`), "200 OK", "application/json", named},
		{"in chunks with a trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5\r\n{\"tit\r\nc\r\nle\":\"Alien\"}\r\n0\r\nX-Sum: 1\r\n\r\n", "200 OK", "application/json", named},
		{"until close", "HTTP/1.1 200 OK\r\n\r\n{\"title\":\"Alien\"}", "200 OK", "application/json", named},
		{"encoded", withLength("200 OK\r\nContent-Encoding: gzip", gzipped(`{"title":"Alien"}`)), "200 OK", "application/json", named},
		{"with much content", withLength("200 OK", `{"title":"Alien","more":"`+long+`"}`), "200 OK", "application/json", named},
		{"with much output", withLength("200 OK", `{"title":"`+long+`"}`), "200 OK", "application/json", `{"id":"a b","name":"` + long + `","page":"2"}`},
		{"with a status of the content", withLength("200 OK", `{"nothing":1}`), "404 Not Found", "application/json", `{"id":"a b","name":null,"page":"2"}`},
		{"of another status", withLength("404 Not Found", `{"message":"x"}`), "410 Gone", "application/vnd.error+json", `{"error":"x","status":404}`},
		{"without content", withLength("404 Not Found", ``), "410 Gone", "application/vnd.error+json", `{"error":"none","status":404}`},
		{"that is no JSON, of an error", withLength("404 Not Found", `<html>`), "410 Gone", "application/vnd.error+json", `{"error":"none","status":404}`},
		{"in status alone", withLength("500 Oops\r\nContent-Type: text/html", `<html>`), "502 Bad Gateway", "text/html", `<html>`},
		{"to none", withLength("302 Found", `moved`), "204 No Content", "", ""},
		{"of no content", "HTTP/1.1 204 No Content\r\n\r\n", "204 No Content", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := start(t, script(t, func(p *peer) {
				for r := p.request(); r != nil; r = p.request() {
					if r.Header.Get("Accept-Encoding") != "identity" || r.Header.Get("Range") != "" {
						t.Errorf("the service was asked for %v", r.Header)
					}
					p.write(tt.answer)
					if strings.HasPrefix(tt.name, "until") {
						return
					}
				}
			}), mapped(t, rules))
			c := dial(t, a)
			for range 2 { // on the same connections
				got := c.do(getMovie)
				if got.err != nil || fmt.Sprint(got.status, " ", http.StatusText(got.status)) != tt.status || got.body != tt.body {
					t.Fatalf("%d, %.100q, %v; want %s, %.100q", got.status, got.body, got.err, tt.status, tt.body)
				}
				if got.header.Get("Content-Type") != tt.contentType || got.header.Get("Content-Encoding") != "" || len(got.trailer) > 0 {
					t.Errorf("the head is %v, the trailer %v", got.header, got.trailer)
				}
				if got.body != "" && got.header.Get("Content-Length") != itoa(len(tt.body)) {
					t.Errorf("Content-Length is %q", got.header.Get("Content-Length"))
				}
			}
		})
	}
}

func TestFieldsOfTheContentGoWithIt(t *testing.T) {
	const head = "200 OK\r\nETag: \"a\"\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-MD5: x\r\nDigest: y\r\nRepr-Digest: z\r\nAccept-Ranges: bytes\r\nX-Own: 1"
	for _, method := range []string{"GET", "HEAD"} {
		t.Run(method, func(t *testing.T) {
			a := start(t, parrot(t, "HTTP/1.1 "+head+"\r\nContent-Length: 2\r\n\r\n"+map[string]string{"GET": "{}", "HEAD": ""}[method]), mapped(t, program(".")))
			got := dial(t, a).do(strings.Replace(getMovie, "GET", method, 1))
			for name, want := range map[string]string{
				"ETag": `W/"a"`, "Last-Modified": "Sun, 06 Nov 1994 08:49:37 GMT", "Content-MD5": "", "Digest": "", "Repr-Digest": "", "Accept-Ranges": "", "X-Own": "1",
				"Content-Type": "application/json", "Content-Length": map[string]string{"GET": "2", "HEAD": ""}[method],
			} {
				if value := got.header.Get(name); value != want {
					t.Errorf("%s is %q; want %q", name, value, want)
				}
			}
		})
	}
}

func TestANotModifiedAnswerNamesTheWeakTag(t *testing.T) {
	a := start(t, parrot(t, "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n"), mapped(t, program(".")))
	if got := dial(t, a).do(getMovie); got.status != 304 || got.header.Get("ETag") != `W/"a"` {
		t.Errorf("%d %v, %v", got.status, got.header, got.err)
	}
}

func TestAnswersThatCanNotBeMapped(t *testing.T) {
	const secret = "s0-secret-a-content"
	bomb := gzipped(strings.Repeat("0", 64<<20))
	for _, tt := range []struct{ name, answer, jq, code string }{
		{"not JSON", withLength("200 OK", "<html>"+secret), `.`, "mapping-failed"},
		{"of two values", withLength("200 OK", `["`+secret+`",2]`), `.[]`, "mapping-failed"},
		{"of no value", withLength("200 OK", `["`+secret+`"]`), `empty`, "mapping-failed"},
		{"of an error", withLength("200 OK", `["`+secret+`"]`), `.[0].a`, "mapping-failed"},
		{"of an error of its own", withLength("200 OK", `["`+secret+`"]`), `error(.[0])`, "mapping-failed"},
		{"that loops", withLength("200 OK", `["`+secret+`"]`), `def f: f; f`, "mapping-failed"},
		{"of gigabytes", withLength("200 OK", `["`+secret+`"]`), `.[0] * 1e9`, "mapping-failed"},
		{"of gigabytes, one by one", withLength("200 OK", `["`+secret+`"]`), `[range(1e9)]`, "mapping-failed"},
		{"of much output", withLength("200 OK", `["`+secret+`"]`), `("x" * 1000) as $x | [range(2000) | $x]`, "mapping-too-large"},
		{"of 10 MiB", withLength("200 OK", `["`+secret+strings.Repeat("x", 10<<20)+`"]`), `.`, "mapping-too-large"},
		{"of 10 MiB in chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("8000\r\n"+strings.Repeat("x", 0x8000)+"\r\n", 320), `.`, "mapping-too-large"},
		{"a bomb", withLength("200 OK\r\nContent-Encoding: gzip", bomb), `.`, "mapping-too-large"},
		{"of another coding", withLength("200 OK\r\nContent-Encoding: br", "x"), `.`, "mapping-failed"},
		{"of a coding that it has not", withLength("200 OK\r\nContent-Encoding: gzip", secret), `.`, "mapping-failed"},
		{"that ends early", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\":\"" + secret, `.`, "upstream-reset"},
		{"that ends early in chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{\"a\":\"" + secret, `.`, "upstream-reset"},
		{"whose chunks are none", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n" + secret, `.`, "upstream-bad-response"},
		{"whose end is cut in JSON", "HTTP/1.1 200 OK\r\n\r\n{\"a\":\"" + secret, `.`, "mapping-failed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var log lockedBuffer
			response := program(tt.jq)
			response.Timeout = config.Duration(500 * time.Millisecond)
			a := start(t, script(t, func(p *peer) {
				p.request()
				p.write(tt.answer)
			}), mapped(t, response), func(s *setup) {
				s.service.Logger, s.service.AccessLog = slog.New(slog.NewJSONHandler(&log, nil)), config.AccessLogAll
			})
			runtime.GC()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			begun := time.Now()
			c := dial(t, a)
			got := c.do(getMovie)
			took := time.Since(begun)
			runtime.ReadMemStats(&after)
			if got.status != 502 || got.header.Get("Ambassador-Error") != tt.code {
				t.Errorf("%d, %v, %v; want 502 %s", got.status, got.header, got.err, tt.code)
			}
			if took > 5*time.Second || int64(after.HeapSys-before.HeapSys) > 400<<20 {
				t.Errorf("it took %s, and the heap has grown by %d MiB", took, (after.HeapSys-before.HeapSys)>>20)
			}
			eventually(t, "a log line", func() bool { return strings.Contains(log.String(), tt.code) })
			if text := log.String() + fmt.Sprint(got); strings.Contains(text, secret) || strings.Contains(text, "s0-") {
				t.Errorf("the service's content is in %s", text)
			}
			if got := dial(t, a).do(getMovie); got.status != 502 {
				t.Errorf("afterwards: %d, %v", got.status, got.err)
			}
		})
	}
}

func TestTooLargeAnAnswerPassesWhereThatIsSaid(t *testing.T) {
	body := `["` + strings.Repeat("x", 100<<10) + `"]`
	chunks := "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nETag: \"a\"\r\nTransfer-Encoding: chunked\r\n\r\n"
	for rest := body; rest != ""; rest = rest[min(len(rest), 1000):] {
		piece := rest[:min(len(rest), 1000)]
		chunks += fmt.Sprintf("%x\r\n%s\r\n", len(piece), piece)
	}
	for _, tt := range []struct{ name, answer, want string }{
		{"of known length", withLength("200 OK\r\nContent-Type: a/b\r\nETag: \"a\"", body), body},
		{"in chunks", chunks + "0\r\n\r\n", body},
		{"until close", "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nETag: \"a\"\r\n\r\n" + body, body},
		{"encoded", withLength("200 OK\r\nContent-Type: a/b\r\nETag: \"a\"\r\nContent-Encoding: gzip", gzipped(body)), gzipped(body)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			response := program(".")
			response.MaxBytes, response.TooLarge = 4<<10, config.TooLargePass
			a := start(t, script(t, func(p *peer) {
				p.request()
				p.write(tt.answer)
			}), mapped(t, response))
			got := dial(t, a).do(getMovie)
			if got.status != 200 || got.body != tt.want || got.err != nil || got.header.Get("Content-Type") != "a/b" || got.header.Get("ETag") != `"a"` {
				t.Errorf("%d, %v, %d bytes, %v; want %d", got.status, got.header, len(got.body), got.err, len(tt.want))
			}
		})
	}
}

func TestStreamsAreMappedAsTheyCome(t *testing.T) {
	for _, kind := range []struct {
		format                      config.StreamFormat
		contentType, piece, arrives string
	}{
		{config.StreamEvents, "text/event-stream", "data: {\"a\":1}\r\n\r\n", "9\r\ndata: 1\n\n\r\n"},
		{config.StreamLines, "application/x-ndjson", "{\"a\":[1]}\n", "4\r\n[1]\n\r\n"},
	} {
		t.Run(string(kind.format), func(t *testing.T) {
			sent, turn := make(chan time.Time, 1), make(chan struct{})
			response := program(".a")
			response.Stream = kind.format
			a := start(t, script(t, func(p *peer) {
				p.request()
				p.write("HTTP/1.1 200 OK\r\nContent-Type: " + kind.contentType + "\r\n\r\n")
				for range turn {
					sent <- time.Now()
					p.write(kind.piece)
				}
			}), mapped(t, response))
			c := dial(t, a)
			c.send(getMovie)
			c.skipHead() // before the first event
			best := time.Hour
			for i := range 20 {
				turn <- struct{}{}
				room := make([]byte, len(kind.arrives))
				if _, err := io.ReadFull(c.reader, room); err != nil || string(room) != kind.arrives {
					t.Fatalf("event %d: %q, %v; want %q", i, room, err, kind.arrives)
				}
				best = min(best, time.Since(<-sent))
			}
			close(turn)
			if best > 10*time.Millisecond {
				t.Errorf("an event took %s at least; want 10ms at most", best)
			}
			c.skip("0\r\n\r\n")
		})
	}
}

func TestAStreamIsCutWhereAnEventCanNotBeMapped(t *testing.T) {
	response := program(".a")
	response.Stream = config.StreamEvents
	a := start(t, script(t, func(p *peer) {
		p.request()
		p.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hello\n\n")
		p.write("data: {\"a\":1}\n\ndata: oops\n\ndata: {\"a\":2}\n\n")
		p.untilClosed()
	}), mapped(t, response))
	c := dial(t, a)
	got := c.do(getMovie)
	whole := ": hello\n\ndata: 1\n\n"
	if got.status != 200 || got.err == nil || !strings.HasPrefix(whole, got.body) {
		t.Errorf("%d, %q, %v", got.status, got.body, got.err)
	}
	eventually(t, "the failure is counted", func() bool {
		return a.metric(`ambassador_mapped_total{ambassador="test",route="/movies/{id}",result="input"}`) == "1"
	})
}

func TestAnErrorInPlaceOfAStreamIsMappedAsAWhole(t *testing.T) {
	a := start(t, parrot(t, withLength("429 Too Many Requests\r\nContent-Type: application/json", "{\n\"message\": \"slow\"\n}")), mapped(t, config.Response{
		Stream: config.StreamEvents, Rules: []config.ResponseRule{{JQ: ".a"}, {Statuses: []string{"4xx"}, JQ: "{error: .message}"}},
	}))
	if got := dial(t, a).do(getMovie); got.status != 429 || got.body != `{"error":"slow"}` || got.header.Get("Content-Type") != "application/json" {
		t.Errorf("%d, %v, %q, %v", got.status, got.header, got.body, got.err)
	}
}

func TestAProgramEndsWithItsClient(t *testing.T) {
	response := program("def f: f; f")
	response.Timeout = config.Duration(time.Minute)
	wantWithinASecond(t, func() time.Duration {
		asked := make(chan struct{}, 1)
		a := start(t, script(t, func(p *peer) {
			p.request()
			p.write(withLength("200 OK", "{}"))
			asked <- struct{}{}
			p.untilClosed()
		}), mapped(t, response))
		c := dial(t, a)
		c.send(getMovie)
		<-asked
		begun := time.Now()
		_ = c.SetLinger(0)
		c.Close()
		eventually(t, "the program ends", func() bool {
			return a.metric(`ambassador_mapped_total{ambassador="test",route="/movies/{id}",result="ended"}`) == "1"
		})
		return time.Since(begun)
	})
}

func TestTheSidecarsOwnAnswersAreNotMapped(t *testing.T) {
	a := start(t, "http://127.0.0.1:1", mapped(t, config.Response{Rules: []config.ResponseRule{{Statuses: []string{"100-599"}, JQ: `"mapped"`}}}))
	if got := dial(t, a).do(getMovie); got.header.Get("Ambassador-Error") != "upstream-unreachable" || strings.Contains(got.body, "mapped") {
		t.Errorf("%d, %v, %q", got.status, got.header, got.body)
	}
}

func TestAMappedAnswerIsKept(t *testing.T) {
	url, asked := counting(t, func(w http.ResponseWriter, r *http.Request) { fresh(w, r) })
	a := start(t, url, mapped(t, config.Response{Rules: []config.ResponseRule{{JQ: "{number: .}", Status: 203}}}), caching(config.CacheRule{}))
	c := dial(t, a)
	for range 3 {
		if got := c.do(getMovie); got.status != 203 || got.body != `{"number":1}` || got.header.Get("Content-Type") != "application/json" {
			t.Errorf("%d, %v, %q, %v", got.status, got.header, got.body, got.err)
		}
	}
	if asked.Load() != 1 || a.metric(`ambassador_mapped_total{ambassador="test",route="/movies/{id}",result="ok"}`) != "1" {
		t.Errorf("the service was asked %d times", asked.Load())
	}
}
