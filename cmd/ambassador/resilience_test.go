package main_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// A document changes while the circuit is open, the bucket half full and an endpoint failing: what the change does not
// concern goes on where it was.
func TestWhatPoliciesKnowOutlivesADocument(t *testing.T) {
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
	defer broken.Close()
	var status atomic.Int32
	status.Store(http.StatusOK)
	second := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(int(status.Load())) }))
	defer second.Close()
	p := newPod(t)
	p.secret("s", map[string]string{"token": "abc"})
	a := p.ambassador(broken.URL)
	a.Upstream.Failover = []string{second.URL}
	a.Upstream.Health = config.Health{Failures: 1, RetryAfter: config.Duration(time.Hour)}
	a.Policy = config.Policy{
		CircuitBreaker: &config.CircuitBreaker{ConsecutiveFailures: 2, OpenFor: config.Duration(time.Hour)},
		RateLimit:      &config.RateLimit{Requests: 5, Per: config.Duration(time.Hour)},
	}
	routes := 0
	change := func() {
		routes++
		a.Routes = []config.Route{{Path: "/"}, {Path: fmt.Sprintf("/new-%d", routes), UpstreamPath: "/new"}}
		p.serve(a)
		p.eventually("the document is served", func() bool {
			served, _ := p.status("ambassadors").([]any)
			return len(served) == 1 && fmt.Sprint(served[0].(map[string]any)["routes"]) == fmt.Sprintf("[/ /new-%d]", routes)
		})
	}
	p.serve(a)
	p.run()
	want := func(status int, problem string) {
		t.Helper()
		if got := get(t, p.url("/movies")); got.status != status || got.header.Get("Ambassador-Error") != problem {
			t.Fatalf("%d %s; want %d %q", got.status, got.body, status, problem)
		}
	}
	want(503, "") // of the first endpoint, which is failing from now on
	change()
	want(200, "") // of the second
	a.Upstream.Timeouts.Response = config.Duration(time.Minute)
	change()
	want(200, "")
	status.Store(http.StatusInternalServerError)
	want(500, "")
	want(500, "") // opens the circuit, and takes the last token
	change()
	want(503, "circuit-open")
	a.Policy.CircuitBreaker = nil
	change()
	want(429, "rate-limited")
}
