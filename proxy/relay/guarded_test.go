package relay_test

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

func withPolicy(p config.Policy) func(*setup) { return func(s *setup) { s.config.Policy = p } }

// wantRetryAfter checks the whole seconds after which to come again.
func (got answer) wantRetryAfter(t *testing.T, least, most int) {
	t.Helper()
	if n, err := strconv.Atoi(got.header.Get("Retry-After")); err != nil || n < least || n > most {
		t.Errorf("Retry-After %q, want %d to %d", got.header.Get("Retry-After"), least, most)
	}
}

func TestACircuitThatIsOpenSparesTheService(t *testing.T) {
	wantNoLeak(t)
	url, seen := service(t, inOrder(broken, reset, broken, ok))
	a := start(t, url, withPolicy(config.Policy{CircuitBreaker: &config.CircuitBreaker{ConsecutiveFailures: 3, OpenFor: config.Duration(300 * time.Millisecond)}}))
	c := dial(t, a)
	for _, want := range []int{503, 502, 503} {
		if got := c.do(post); got.status != want {
			t.Fatalf("status %d, want %d", got.status, want)
		}
	}
	for range 5 {
		got := dial(t, a).do(get)
		got.wantProblem(t, 503, "circuit-open")
		got.wantRetryAfter(t, 1, 1)
	}
	if n := seen.count(); n != 3 {
		t.Errorf("the service saw %d requests", n)
	}
	eventually(t, "the circuit closes", func() bool { return c.do(get).status == 200 })
	for name, want := range map[string]string{
		`ambassador_circuit_breaker_opened_total{ambassador="test"}`:                  "1",
		`ambassador_upstream_failures_total{ambassador="test",reason="circuit-open"}`: "",
	} {
		if got := a.metric(name); got != want {
			t.Errorf("%s %s, want %q", name, got, want)
		}
	}
}

func TestARetryDoesNotRunIntoAnOpenCircuit(t *testing.T) {
	url, seen := service(t, inOrder(broken))
	retry := everything(5)
	retry.BaseBackoff = config.Duration(time.Millisecond)
	a := start(t, url, withPolicy(config.Policy{Retry: &retry, CircuitBreaker: &config.CircuitBreaker{ConsecutiveFailures: 2}}))
	if got := dial(t, a).do(get); got.body != "broken" || seen.count() != 2 {
		t.Errorf("%+v after %d requests; want the service's own words", got, seen.count())
	}
}

func TestAProbeWhoseClientGoesIsFollowedByAnother(t *testing.T) {
	wantNoLeak(t)
	url, seen := service(t, func(n int) string { return []string{broken, "hang", ok}[min(n, 2)] })
	a := start(t, url, withPolicy(config.Policy{CircuitBreaker: &config.CircuitBreaker{ConsecutiveFailures: 1, OpenFor: config.Duration(100 * time.Millisecond)}}))
	dial(t, a).do(get)
	var probe *client
	eventually(t, "a probe goes", func() bool {
		probe = dial(t, a)
		probe.send(get)
		_ = probe.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
		_, err := probe.reader.Peek(1)
		return err != nil && seen.count() == 2
	})
	dial(t, a).do(get).wantProblem(t, 503, "circuit-open")
	_ = probe.SetLinger(0)
	probe.Close()
	eventually(t, "the next call is the probe", func() bool { return dial(t, a).do(get).status == 200 })
}

func TestCallsOverTheRateAreRejected(t *testing.T) {
	url, seen := service(t, inOrder(ok))
	a := start(t, url, withPolicy(config.Policy{RateLimit: &config.RateLimit{Requests: 2, Per: config.Duration(time.Minute)}}))
	c := dial(t, a)
	c.do(get)
	dial(t, a).do(get)
	got := c.do(get)
	got.wantProblem(t, 429, "rate-limited")
	got.wantRetryAfter(t, 29, 30)
	if seen.count() != 2 {
		t.Errorf("the service saw %d requests", seen.count())
	}
}

func TestCallsOverTheRateAreHeld(t *testing.T) {
	wantNoLeak(t)
	var last atomic.Int64
	url, _ := service(t, func(int) string {
		last.Store(time.Now().UnixNano())
		return ok
	})
	a := start(t, url, withPolicy(config.Policy{RateLimit: &config.RateLimit{Requests: 20, Burst: 1, OnLimit: config.LimitWait}}))
	began := time.Now()
	var clients sync.WaitGroup
	for range 5 {
		clients.Go(func() {
			if got := dial(t, a).do(get); got.body != "ok" {
				t.Errorf("%+v", got)
			}
		})
	}
	clients.Wait()
	if took := time.Unix(0, last.Load()).Sub(began); took < 200*time.Millisecond {
		t.Errorf("five calls at 20 a second went within %v", took)
	}
}

func TestAfterA429NoConnectionCalls(t *testing.T) {
	url, seen := service(t, inOrder(limited("1"), ok))
	a := start(t, url, withPolicy(config.Policy{RateLimit: &config.RateLimit{}}))
	if got := dial(t, a).do(get); got.status != 429 || got.body != "limited" {
		t.Fatalf("%+v; want the service's own", got)
	}
	for range 3 {
		got := dial(t, a).do(get)
		got.wantProblem(t, 429, "rate-limited")
		got.wantRetryAfter(t, 1, 1)
	}
	if seen.count() != 1 {
		t.Errorf("the service saw %d requests", seen.count())
	}
	eventually(t, "it is called again", func() bool { return dial(t, a).do(get).status == 200 })
}

func TestARetryWaitsForTheCoolDown(t *testing.T) {
	url, seen := service(t, inOrder(limited("1"), ok))
	retry := everything(2)
	a := start(t, url, withPolicy(config.Policy{Retry: &retry, RateLimit: &config.RateLimit{}}))
	began := time.Now()
	if got := dial(t, a).do(get); got.body != "ok" || seen.count() != 2 {
		t.Fatalf("%+v after %d requests", got, seen.count())
	}
	if took := time.Since(began); took < time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestCallsBeyondTheConcurrencyAreRefused(t *testing.T) {
	wantNoLeak(t)
	let := make(chan struct{})
	url, seen := service(t, func(int) string {
		<-let
		return ok
	})
	a := start(t, url, withPolicy(config.Policy{MaxConcurrency: 2}))
	holders := []*client{dial(t, a), dial(t, a)}
	for _, c := range holders {
		c.send(get)
	}
	eventually(t, "two calls are in flight", func() bool { return seen.count() == 2 })
	got := dial(t, a).do(get)
	got.wantProblem(t, 503, "too-many-calls")
	got.wantRetryAfter(t, 1, 1)
	_ = holders[0].SetLinger(0)
	holders[0].Close() // its place is free at once, or nearly so
	eventually(t, "one call is in flight", func() bool { return a.guard.Look().InFlight == 1 })
	close(let)
	if got := holders[1].read("GET"); got.body != "ok" {
		t.Errorf("%+v", got)
	}
	eventually(t, "no call is in flight", func() bool { return a.guard.Look().InFlight == 0 })
}

func TestShutdownEndsWaits(t *testing.T) {
	wantNoLeak(t)
	url, seen := service(t, inOrder(limited("5")))
	retry := everything(2)
	a := start(t, url, withPolicy(config.Policy{Retry: &retry}))
	dial(t, a).send(get)
	eventually(t, "the answer is there", func() bool { return seen.count() == 1 })
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	_ = a.server.Shutdown(ctx)
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestAReloadKeepsWhatTheGuardKnows(t *testing.T) {
	url, seen := service(t, inOrder(ok, ok, broken, ok))
	policy := config.Policy{
		CircuitBreaker: &config.CircuitBreaker{ConsecutiveFailures: 1},
		RateLimit:      &config.RateLimit{Requests: 4, Per: config.Duration(time.Hour)},
	}
	a := start(t, url, withPolicy(policy))
	c := dial(t, a)
	for range 3 {
		c.do(get)
	}
	a.server.Swap(a.newPort(t))
	c.do(get).wantProblem(t, 503, "circuit-open")
	a.config.Policy.CircuitBreaker = nil // the bucket stays, with one token
	a.server.Swap(a.newPort(t))
	if got := c.do(get); got.status != 200 {
		t.Fatalf("%+v", got)
	}
	c.do(get).wantProblem(t, 429, "rate-limited")
	if seen.count() != 4 {
		t.Errorf("the service saw %d requests", seen.count())
	}
}

// nowhere is the URL of a port that refuses connections.
func nowhere(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return "http://" + listener.Addr().String()
}

func withFailover(health config.Health, urls ...string) func(*setup) {
	return func(s *setup) { s.config.Upstream.Failover, s.config.Upstream.Health = urls, health }
}

func TestCallsTurnToTheEndpointThatWorks(t *testing.T) {
	wantNoLeak(t)
	url, seen := service(t, inOrder(ok))
	a := start(t, nowhere(t)+"/1", withFailover(config.Health{}, url+"/2"))
	c := dial(t, a)
	for i := range 10 { // the first of them is sent again, as nothing was sent
		if got := c.do(post); got.body != "ok" {
			t.Fatalf("request %d: %+v", i, got)
		}
	}
	for _, r := range seen.requests {
		if r.RequestURI != "/2/movies?api_key=s3cret" || r.Host != strings.TrimPrefix(url, "http://") || r.Header.Get("Authorization") != "Bearer s3cret" {
			t.Errorf("the endpoint saw %s on %s", r.RequestURI, r.Host)
		}
	}
	if n := a.metric(`ambassador_endpoint_calls_total{ambassador="test",endpoint="0",result="failed"}`); n != "3" {
		t.Errorf("the endpoint that fails was tried %s times, want 3", n)
	}
	if n := a.metric(`ambassador_endpoint_calls_total{ambassador="test",endpoint="1",result="answered"}`); n != "10" {
		t.Errorf("the endpoint that works answered %s times", n)
	}
}

func TestAnswersOfABrokenGatewayCount(t *testing.T) {
	first, seenFirst := service(t, inOrder(broken))
	second, seenSecond := service(t, inOrder(ok))
	a := start(t, first, withFailover(config.Health{Failures: 2}, second))
	c := dial(t, a)
	for i, want := range []int{503, 503, 200, 200} {
		if got := c.do(get); got.status != want {
			t.Errorf("request %d: status %d, want %d", i, got.status, want)
		}
	}
	if seenFirst.count() != 2 || seenSecond.count() != 2 {
		t.Errorf("%d and %d requests", seenFirst.count(), seenSecond.count())
	}
}

func TestWhereAllEndpointsAreDownTheAnswerSaysSo(t *testing.T) {
	wantNoLeak(t)
	a := start(t, nowhere(t), withFailover(config.Health{Failures: 1}, nowhere(t), nowhere(t)))
	c := dial(t, a)
	for range 5 {
		c.do(get).wantProblem(t, 502, "upstream-unreachable")
	}
}

func TestAFailingEndpointIsProbedWithTheCredentials(t *testing.T) {
	wantNoLeak(t)
	var isBack atomic.Bool
	probed := make(chan *http.Request, 100)
	first := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/1/health" {
			select {
			case probed <- r:
			default:
			}
		}
		if !isBack.Load() {
			w.WriteHeader(503)
		}
	})
	second, _ := service(t, inOrder(broken[:9]+"299 Second\r\nContent-Length: 0\r\n\r\n"))
	a := start(t, first.URL+"/1", withFailover(config.Health{Failures: 1, Probe: &config.Probe{Path: "/health", Interval: config.Duration(20 * time.Millisecond)}}, second))
	c := dial(t, a)
	for i, want := range []int{503, 299, 299} {
		if got := c.do(get); got.status != want {
			t.Fatalf("request %d: status %d, want %d", i, got.status, want)
		}
	}
	r := <-probed
	if r.Method != "GET" || r.Header.Get("Authorization") != "Bearer s3cret" || r.URL.Query().Get("api_key") != "s3cret" {
		t.Errorf("probed by %s %s %v", r.Method, r.URL, r.Header)
	}
	isBack.Store(true)
	eventually(t, "it is called again", func() bool { return c.do(get).status == 200 })
}
