package relay_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
	"github.com/ambassador-operator/ambassador-operator/proxy/relay"
	"github.com/ambassador-operator/ambassador-operator/proxy/route"
)

// caching gives all routes the cache's rule.
func caching(rule config.CacheRule) func(*setup) {
	return func(s *setup) { s.config.Policy.Cache = &config.Cache{Rule: &rule} }
}

// counting is a service that numbers its answers: their content is "1", "2" and so on, after what is written to w.
func counting(t *testing.T, answer func(w http.ResponseWriter, r *http.Request)) (url string, asked *atomic.Int32) {
	t.Helper()
	asked = new(atomic.Int32)
	service := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		number := asked.Add(1)
		answer(w, r)
		if r.Header.Get("If-None-Match") == "" {
			fmt.Fprint(w, number)
		}
	})
	return service.URL, asked
}

// fresh lets an answer be kept for an hour.
func fresh(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Cache-Control", "max-age=3600") }

// want checks what was answered, and what Cache-Status says. A hit's ttl is left out.
func (got answer) want(t *testing.T, status int, body, cacheStatus string) {
	t.Helper()
	said, _, _ := strings.Cut(got.header.Get("Cache-Status"), "; ttl=")
	if got.status != status || got.body != body || said != cacheStatus {
		t.Errorf("status %d, body %q, Cache-Status %q, %v; want %d, %q, %q", got.status, got.body, said, got.err, status, body, cacheStatus)
	}
}

const (
	isHit    = "ambassador; hit"
	isStored = "ambassador; fwd=uri-miss; stored"
)

func TestWhatIsKeptIsNotAskedForAgain(t *testing.T) {
	url, asked := counting(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"a"`)
		w.Header().Set("Content-Location", "/movies?api_key=s3cret")
		fresh(w, r)
		w.(http.Flusher).Flush() // so that its length is not known before its end
	})
	a := start(t, url, caching(config.CacheRule{}))
	c := dial(t, a)
	c.do(get).want(t, 200, "1", isStored)
	for range 2 {
		got := c.do(get)
		got.want(t, 200, "1", isHit)
		if got.header.Get("Age") == "" || got.header.Get("Content-Length") != "1" || strings.Contains(fmt.Sprint(got.header), "s3cret") {
			t.Errorf("fields %v", got.header)
		}
	}
	c.do("HEAD /movies HTTP/1.1\r\nHost: a\r\n\r\n").want(t, 200, "", isHit)
	c.do("GET /movies HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"a\"\r\n\r\n").want(t, 304, "", isHit)
	c.do("GET /other HTTP/1.1\r\nHost: a\r\nCache-Control: only-if-cached\r\n\r\n").wantProblem(t, 504, "not-cached")
	c.do("GET /movies HTTP/1.0\r\n\r\n").want(t, 200, "1", isHit)
	if n := asked.Load(); n != 1 {
		t.Errorf("the service was asked %d times", n)
	}
	if got := a.metric(`ambassador_cache_requests_total{ambassador="test",result="hit"}`); got != "5" {
		t.Errorf("%s hits", got)
	}
}

func TestARouteWithoutARuleIsNotCached(t *testing.T) {
	url, _ := counting(t, fresh)
	a := start(t, url, caching(config.CacheRule{}), func(s *setup) {
		s.config.Routes = []config.Route{{Path: "/"}, {Path: "/never", Cache: &config.CacheRule{Disabled: true}}}
	})
	c := dial(t, a)
	const never = "GET /never HTTP/1.1\r\nHost: a\r\n\r\n"
	c.do(never).want(t, 200, "1", "ambassador; fwd=bypass")
	c.do(never).want(t, 200, "2", "ambassador; fwd=bypass")
	c.do("GET /?page=1 HTTP/1.1\r\nHost: a\r\nRange: bytes=0-0\r\n\r\n").want(t, 200, "3", "ambassador; fwd=partial")
}

func TestAHitDoesNotAllocate(t *testing.T) {
	if isRace {
		return // the race detector allocates by itself
	}
	for _, size := range []int{1 << 10, 64 << 10} {
		exchange := plainExchange(t, size, caching(config.CacheRule{OverrideTTL: config.Duration(1e15)}))
		for range 100 {
			exchange()
		}
		if got := testing.AllocsPerRun(1000, exchange); got != 0 {
			t.Errorf("%d bytes: %v allocations a hit, want 0", size, got)
		}
	}
}

func TestAnotherCredentialIsAnswered(t *testing.T) {
	url, _ := counting(t, fresh)
	a := start(t, url, caching(config.CacheRule{}))
	service := a.newService(t)
	a.server.Swap(relay.NewPort(route.Compile(a.config.Routes), service))
	c := dial(t, a)
	c.do(get).want(t, 200, "1", isStored)
	c.do(get).want(t, 200, "1", isHit)
	write(t, filepath.Join(a.folder, "service", "key"), "another\n")
	service.Credentials.Load()
	c.do(get).want(t, 200, "2", isStored)
}

func TestOneAsksForAll(t *testing.T) {
	wantNoLeak(t)
	seen, proceed := make(chan struct{}, 99), make(chan struct{})
	url, asked := counting(t, func(w http.ResponseWriter, r *http.Request) {
		seen <- struct{}{}
		<-proceed
		fresh(w, r)
	})
	a := start(t, url, caching(config.CacheRule{}))
	clients := make([]*client, 20)
	for i := range clients {
		clients[i] = dial(t, a)
		clients[i].send(get)
		if i == 0 {
			<-seen
		}
	}
	close(proceed)
	for _, c := range clients {
		if got := c.read("GET"); got.status != 200 || got.body != "1" {
			t.Errorf("%+v", got)
		}
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("the service was asked %d times", n)
	}
}

func TestNobodyWaitsInVain(t *testing.T) {
	for name, end := range map[string]func(leader *client, proceed chan struct{}){
		"for an answer that is not kept": func(_ *client, proceed chan struct{}) { close(proceed) },
		"for a client that is gone": func(leader *client, _ chan struct{}) {
			_ = leader.SetLinger(0)
			leader.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			wantNoLeak(t)
			seen, proceed := make(chan struct{}, 99), make(chan struct{})
			url, _ := counting(t, func(_ http.ResponseWriter, r *http.Request) {
				seen <- struct{}{}
				if r.Header.Get("First") == "" {
					return
				}
				select {
				case <-proceed:
				case <-r.Context().Done():
				}
			})
			a := start(t, url, caching(config.CacheRule{}))
			leader := dial(t, a)
			leader.send("GET /movies HTTP/1.1\r\nHost: a\r\nFirst: yes\r\n\r\n")
			<-seen
			var running sync.WaitGroup
			for range 5 {
				c := dial(t, a)
				running.Go(func() {
					if got := c.do(get); got.status != 200 {
						t.Errorf("%+v", got)
					}
				})
			}
			end(leader, proceed)
			running.Wait()
		})
	}
}

func TestAWaitEndsWithItsClient(t *testing.T) {
	wantNoLeak(t)
	seen, proceed := make(chan struct{}, 1), make(chan struct{})
	url, _ := counting(t, func(w http.ResponseWriter, r *http.Request) {
		seen <- struct{}{}
		<-proceed
		fresh(w, r)
	})
	a := start(t, url, caching(config.CacheRule{}))
	leader, follower := dial(t, a), dial(t, a)
	leader.send(get)
	<-seen
	follower.send(get)
	_ = follower.SetLinger(0)
	follower.Close()
	eventually(t, "one connection", func() bool { return a.server.Connections() == 1 })
	close(proceed)
	leader.read("GET").want(t, 200, "1", isStored)
}
