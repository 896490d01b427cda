package relay_test

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

const (
	ok      = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	broken  = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 6\r\n\r\nbroken"
	reset   = ""
	post    = "POST /movies HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"
	keyed   = "POST /movies HTTP/1.1\r\nHost: a\r\nIdempotency-Key: k1\r\nContent-Length: 2\r\n\r\nhi"
	chunked = "PUT /movies HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
)

// limited is an answer that asks to be left alone.
func limited(after string) string {
	return "HTTP/1.1 429 Too Many Requests\r\nRetry-After: " + after + "\r\nContent-Length: 7\r\n\r\nlimited"
}

// book is what a service has seen.
type book struct {
	mutex       sync.Mutex
	requests    []*http.Request
	bodies      []string
	connections int
}

func (b *book) enter(r *http.Request, body string) (number int) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.requests, b.bodies = append(b.requests, r), append(b.bodies, body)
	return len(b.requests) - 1
}

func (b *book) count() int {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return len(b.requests)
}

// service gives the n-th request, from 0, the answer that play returns; reset closes the connection so.
func service(t *testing.T, play func(n int) string) (url string, seen *book) {
	t.Helper()
	seen = new(book)
	url = script(t, func(p *peer) {
		seen.mutex.Lock()
		seen.connections++
		seen.mutex.Unlock()
		for {
			r, err := http.ReadRequest(p.reader)
			if err != nil {
				return
			}
			body, _ := io.ReadAll(r.Body)
			switch answer := play(seen.enter(r, string(body))); answer {
			case reset:
				p.reset()
				return
			case "hang":
				p.untilClosed()
				return
			default:
				p.write(answer)
			}
		}
	})
	return url, seen
}

// inOrder plays answers one after the other, the last one again and again.
func inOrder(answers ...string) func(n int) string {
	return func(n int) string { return answers[min(n, len(answers)-1)] }
}

func withRetry(r config.Retry) func(*setup) {
	if r.BaseBackoff == 0 {
		r.BaseBackoff = config.Duration(time.Millisecond)
	}
	return func(s *setup) { s.config.Policy.Retry = &r }
}

func everything(attempts int) config.Retry {
	return config.Retry{Attempts: attempts, When: []config.RetryCondition{"connect-failure", "reset", "gateway-error", "429"}, IdempotencyKey: "Idempotency-Key"}
}

func TestARequestIsSentAgainWhereItMayBe(t *testing.T) {
	with := func(r config.Retry, change func(*config.Retry)) config.Retry {
		change(&r)
		return r
	}
	attach := with(everything(3), func(r *config.Retry) { r.AttachIdempotencyKey = true })
	for _, row := range []struct {
		name    string
		retry   config.Retry
		request string
		play    func(int) string
		status  int
		sent    int
	}{
		{"a reset", everything(2), get, inOrder(reset, ok), 200, 2},
		{"two resets", everything(3), get, inOrder(reset, reset, ok), 200, 3},
		{"resets that do not end", everything(3), get, inOrder(reset), 502, 3},
		{"a reset that is no condition", config.Retry{}, get, inOrder(reset, ok), 502, 1},
		{"a reset of a POST", everything(3), post, inOrder(reset, ok), 502, 1},
		{"a reset of a POST with a key", everything(3), keyed, inOrder(reset, ok), 200, 2},
		{"a reset of a POST that gets a key", attach, post, inOrder(reset, reset, ok), 200, 3},
		{"chunked content that is at hand", everything(3), chunked, inOrder(broken, ok), 200, 2},
		{"503", everything(3), get, inOrder(broken, broken, ok), 200, 3},
		{"503 to the end", everything(2), get, inOrder(broken), 503, 2},
		{"503 to a POST", everything(3), post, inOrder(broken, ok), 503, 1},
		{"a listed status", config.Retry{When: []config.RetryCondition{"503"}}, get, inOrder(broken, ok), 200, 2},
		{"a status that is not listed", config.Retry{When: []config.RetryCondition{"500"}}, get, inOrder(broken, ok), 503, 1},
		{"Retry-After at once", everything(2), get, inOrder(limited("0"), ok), 200, 2},
		{"Retry-After in the past", everything(2), get, inOrder(limited("Wed, 25 Nov 2020 12:00:00 GMT"), ok), 200, 2},
		{"Retry-After that is none", everything(2), get, inOrder(limited("soon"), ok), 200, 2},
		{"Retry-After below zero", everything(2), get, inOrder(limited("-7"), ok), 200, 2},
		{"Retry-After a year", everything(2), get, inOrder(limited("31536000"), ok), 429, 1},
		{"Retry-After a year as a date", everything(2), get, inOrder(limited(time.Now().Add(365*24*time.Hour).UTC().Format(http.TimeFormat)), ok), 429, 1},
		{"an answer that ends with the connection", everything(2), get, func(n int) string {
			return []string{"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\nuntil the end", ok}[min(n, 1)]
		}, 200, 2},
		{"an answer of 1 MB", everything(2), get, inOrder("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 1000000\r\n\r\n"+strings.Repeat("x", 1000000), ok), 200, 2},
		{"an interim answer before", everything(2), get, inOrder("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"+broken, ok), 200, 2},
		{"content that is no HTTP", everything(3), get, inOrder("220 mail.example.com\r\n"), 502, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			wantNoLeak(t)
			url, seen := service(t, row.play)
			a := start(t, url, withRetry(row.retry))
			c := dial(t, a)
			first := row.sent
			for range 2 { // nothing of the first is in the second
				got := c.do(row.request)
				for got.status == 103 {
					got = c.read("GET")
				}
				if got.status != row.status || got.err != nil {
					t.Fatalf("status %d, %v; want %d", got.status, got.err, row.status)
				}
				if n := seen.count(); n != row.sent {
					t.Fatalf("the service saw %d requests, want %d", n, row.sent)
				}
				if row.status != 200 {
					break
				}
				row.sent++
			}
			for i, r := range seen.requests {
				if r.Header.Get("Authorization") != "Bearer s3cret" || seen.bodies[i] != seen.bodies[0] {
					t.Errorf("request %d differs: %v %q", i, r.Header, seen.bodies[i])
				}
				if key := r.Header.Get("Idempotency-Key"); i < first && key != seen.requests[0].Header.Get("Idempotency-Key") {
					t.Errorf("request %d has the key %q", i, key)
				}
			}
		})
	}
}

func TestAnAnswerThatHasComeWholeLeavesItsConnection(t *testing.T) {
	url, seen := service(t, inOrder(broken, broken, ok))
	a := start(t, url, withRetry(everything(3)))
	if got := dial(t, a).do(get); got.body != "ok" {
		t.Fatalf("%+v", got)
	}
	if seen.connections != 1 {
		t.Errorf("%d connections, want one", seen.connections)
	}
}

func TestContentThatHasNotAllArrivedIsSentOnce(t *testing.T) {
	wantNoLeak(t)
	url, seen := service(t, inOrder(broken, ok))
	a := start(t, url, withRetry(everything(3)))
	c := dial(t, a)
	c.send("PUT /movies HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nhi")
	eventually(t, "the first half is on its way", func() bool {
		return a.metric(`ambassador_upstream_connects_total{ambassador="test"}`) == "1"
	})
	c.send("ho")
	if got := c.read("PUT"); got.status != 503 || got.body != "broken" {
		t.Errorf("%+v", got)
	}
	if n := seen.count(); n != 1 {
		t.Errorf("sent %d times", n)
	}
	if n := a.metric(`ambassador_retries_total{ambassador="test",reason="status",result="not-repeatable"}`); n != "1" {
		t.Errorf("not-repeatable %q", n)
	}
}

func TestAnAttemptThatTakesTooLongIsFollowedByAnother(t *testing.T) {
	wantNoLeak(t)
	url, seen := service(t, inOrder("hang", ok))
	retry := everything(2)
	retry.PerTryTimeout = config.Duration(50 * time.Millisecond)
	a := start(t, url, withRetry(retry))
	c := dial(t, a)
	for range 3 {
		if got := c.do(get); got.body != "ok" {
			t.Fatalf("%+v", got)
		}
	}
	if n := seen.count(); n != 4 {
		t.Errorf("sent %d times, want 4", n)
	}
}

func TestAClientThatGoesEndsTheWaitBeforeARetry(t *testing.T) {
	wantNoLeak(t)
	url, seen := service(t, inOrder(limited("5")))
	a := start(t, url, withRetry(everything(2)))
	wantWithinASecond(t, func() time.Duration {
		before := seen.count()
		gone := a.gone()
		c := dial(t, a)
		c.send(get)
		eventually(t, "the answer is there", func() bool { return seen.count() == before+1 })
		began := time.Now()
		_ = c.SetLinger(0)
		c.Close()
		eventually(t, "the exchange has ended", func() bool { return a.gone() != gone })
		return time.Since(began)
	})
}

// gone is how many exchanges ended without an answer.
func (a *ambassador) gone() string {
	return a.metric(`ambassador_requests_total{ambassador="test",route="/",method="GET",code="none"}`)
}

func TestABurstOfFailuresIsRetriedWithinTheBudget(t *testing.T) {
	wantNoLeak(t)
	var all sync.WaitGroup
	var mutex sync.Mutex
	held, most := 0, 0
	const clients = 40
	first := make(chan struct{})
	url, _ := service(t, func(n int) string {
		if n < clients {
			if n == clients-1 {
				close(first)
			}
			<-first // all fail at one time
			return broken
		}
		mutex.Lock()
		held++
		most = max(most, held)
		mutex.Unlock()
		timer := time.NewTimer(20 * time.Millisecond)
		defer timer.Stop()
		<-timer.C
		mutex.Lock()
		held--
		mutex.Unlock()
		return broken
	})
	a := start(t, url, withRetry(everything(5)))
	for range clients {
		all.Go(func() {
			if got := dial(t, a).do(get); got.status != 503 || got.body != "broken" {
				t.Errorf("%+v", got)
			}
		})
	}
	all.Wait()
	if most > clients/5 {
		t.Errorf("%d retries at one time, want %d at most", most, clients/5)
	}
	if n := a.metric(`ambassador_retries_total{ambassador="test",reason="status",result="budget"}`); n == "" {
		t.Error("the budget turned nobody down")
	}
}

func TestUpgradesAreNotRepeated(t *testing.T) {
	url, seen := service(t, inOrder(broken, ok))
	a := start(t, url, withRetry(everything(3)))
	got := dial(t, a).do("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	if n := seen.count(); got.status != 503 || n != 1 {
		t.Errorf("status %d after %d requests", got.status, n)
	}
}

func TestARouteMayHaveItsOwnRule(t *testing.T) {
	url, seen := service(t, inOrder(broken, broken, ok))
	a := start(t, url, withRetry(everything(1)), func(s *setup) {
		own := everything(3)
		own.BaseBackoff = 1
		s.config.Routes = []config.Route{{Path: "/"}, {Path: "/movies", Retry: &own}}
	})
	if got := dial(t, a).do("GET /x HTTP/1.1\r\nHost: a\r\n\r\n"); got.status != 503 || seen.count() != 1 {
		t.Errorf("status %d after %d requests", got.status, seen.count())
	}
	if got := dial(t, a).do(get); got.status != 200 || seen.count() != 3 {
		t.Errorf("status %d after %d requests", got.status, seen.count())
	}
}
