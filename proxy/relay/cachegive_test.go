package relay_test

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// stale lets an answer be kept that is stale already, with more directives.
func stale(directives string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "max-age=10, "+directives)
		w.Header().Set("Age", "20")
		w.Header().Set("ETag", `"a"`)
	}
}

func TestTheServiceIsAskedIfItHoldsStill(t *testing.T) {
	url, _ := counting(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-None-Match") == `"a"` {
			w.Header().Set("Seen", r.Header.Get("Authorization")+r.URL.RawQuery)
			fresh(w, r)
			w.WriteHeader(http.StatusNotModified)
			return
		}
		stale("private")(w, r)
	})
	c := dial(t, start(t, url, caching(config.CacheRule{})))
	c.do(get).want(t, 200, "1", isStored)
	got := c.do("GET /movies HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"mine\"\r\n\r\n")
	got.want(t, 200, "1", "ambassador; fwd=stale; fwd-status=304; stored")
	if want := "Bearer s3cretapi_key=s3cret"; got.header.Get("Seen") != want {
		t.Errorf("the service saw %q, want %q", got.header.Get("Seen"), want)
	}
	c.do(get).want(t, 200, "1", isHit)
}

func TestWhatIsStaleIsGivenWhileItIsAskedFor(t *testing.T) {
	wantNoLeak(t)
	proceed := make(chan struct{})
	var isChanged atomic.Bool
	url, asked := counting(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-None-Match") == "" {
			stale("stale-while-revalidate=600")(w, r)
			return
		}
		<-proceed
		fresh(w, r)
		if !isChanged.Load() {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = io.WriteString(w, strings.Repeat("new", 30<<10))
	})
	for _, changes := range []bool{false, true} {
		isChanged.Store(changes)
		asked.Store(0)
		c := dial(t, start(t, url, caching(config.CacheRule{})))
		c.do(get).want(t, 200, "1", isStored)
		for range 3 {
			c.do(get).want(t, 200, "1", isHit) // at once, whatever the service does
		}
		eventually(t, "the service is asked", func() bool { return asked.Load() == 2 })
		proceed <- struct{}{}
		want := "1"
		if changes {
			want = strings.Repeat("new", 30<<10)
		}
		eventually(t, "what is kept is fresh", func() bool {
			got := c.do(get)
			return got.body == want && !strings.Contains(got.header.Get("Cache-Status"), "ttl=-")
		})
		if n := asked.Load(); n != 2 {
			t.Errorf("the service was asked %d times", n)
		}
	}
}

func TestWhatIsStaleStandsInForAnError(t *testing.T) {
	wantNoLeak(t)
	for _, test := range []struct{ name, answer, status string }{
		{"an error", "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 3\r\n\r\nbad", "ambassador; fwd=stale; fwd-status=503; detail=stale-if-error"},
		{"no answer", "", "ambassador; fwd=stale; detail=upstream-reset"},
		{"no sense", "what?\r\n\r\n", "ambassador; fwd=stale; detail=upstream-bad-response"},
	} {
		t.Run(test.name, func(t *testing.T) {
			url := script(t, func(p *peer) {
				if p.request() == nil {
					return
				}
				if p.number == 1 {
					p.write("HTTP/1.1 200 OK\r\nCache-Control: max-age=1, stale-if-error=600\r\nAge: 20\r\nContent-Length: 4\r\nConnection: close\r\n\r\ngood")
					return
				}
				p.write(test.answer)
			})
			c := dial(t, start(t, url, caching(config.CacheRule{})))
			c.do(get).want(t, 200, "good", isStored)
			for range 2 {
				c.do(get).want(t, 200, "good", test.status)
			}
			if got := c.do("GET /movies HTTP/1.1\r\nHost: a\r\nCache-Control: no-cache\r\n\r\n"); got.status < 500 {
				t.Errorf("a client that wants no kept answer got %+v", got)
			}
		})
	}
}

func TestACallsDeadlineIsNoReasonToGiveNothing(t *testing.T) {
	url := script(t, func(p *peer) {
		for number := 1; p.request() != nil; number++ {
			if p.number+number > 2 {
				p.untilClosed()
				return
			}
			p.write("HTTP/1.1 200 OK\r\nCache-Control: max-age=1, stale-if-error=600\r\nAge: 20\r\nContent-Length: 4\r\n\r\ngood")
		}
	})
	c := dial(t, start(t, url, caching(config.CacheRule{}), func(s *setup) { s.config.Upstream.Timeouts.DeadlineHeader = "Deadline" }))
	c.do(get).want(t, 200, "good", isStored)
	for range 2 {
		c.do("GET /movies HTTP/1.1\r\nHost: a\r\nDeadline: 300ms\r\n\r\n").want(t, 200, "good", "ambassador; fwd=stale; detail=deadline-exceeded")
	}
}
