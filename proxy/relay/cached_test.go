package relay_test

import (
	"fmt"
	"io"
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

func TestAChangeIsSeenAtOnce(t *testing.T) {
	url, _ := counting(t, func(w http.ResponseWriter, r *http.Request) {
		fresh(w, r)
		if r.Method == http.MethodPost {
			w.Header().Set("Location", "/v3/other")
			w.WriteHeader(http.StatusSeeOther)
		}
	})
	c := dial(t, start(t, url+"/v3", caching(config.CacheRule{}), func(s *setup) {
		s.config.Routes = []config.Route{
			{Path: "/", Methods: []string{"GET"}}, {Path: "/again", UpstreamPath: "/"},
			{Path: "/write", UpstreamPath: "/", Methods: []string{"POST"}, Cache: &config.CacheRule{Disabled: true}},
		}
	}))
	request := func(method, path string) answer { return c.do(method + " " + path + " HTTP/1.1\r\nHost: a\r\n\r\n") }
	request("GET", "/").want(t, 200, "1", isStored)
	request("GET", "/again").want(t, 200, "2", isStored)
	request("GET", "/other").want(t, 200, "3", isStored)
	request("GET", "/kept").want(t, 200, "4", isStored)
	request("POST", "/write").want(t, 303, "5", "ambassador; fwd=method")
	request("GET", "/").want(t, 200, "6", isStored)
	request("GET", "/again").want(t, 200, "7", isStored)
	request("GET", "/other").want(t, 200, "8", isStored)
	request("GET", "/kept").want(t, 200, "4", isHit)
}

func TestAPartIsNotKept(t *testing.T) {
	for _, head := range []string{
		"Content-Length: 9\r\n",             // more than comes
		"Transfer-Encoding: chunked\r\n",    // without an end
		"Connection: close\r\nX: until\r\n", // where it ends is never sure
	} {
		url := script(t, func(p *peer) {
			if p.request() != nil {
				p.write("HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\n" + head + "\r\n4\r\npart")
			}
		})
		a := start(t, url, caching(config.CacheRule{}))
		for range 2 {
			if got := dial(t, a).do(get); strings.Contains(got.header.Get("Cache-Status"), "hit") {
				t.Errorf("%s: %+v", head, got)
			}
		}
	}
}

func TestALongAnswerPassesAndIsNotKept(t *testing.T) {
	content := strings.Repeat("x", 100<<10)
	for _, hasLength := range []bool{true, false} {
		url, _ := counting(t, func(w http.ResponseWriter, r *http.Request) {
			fresh(w, r)
			if hasLength {
				w.Header().Set("Content-Length", itoa(len(content)+1))
			}
			_, _ = io.WriteString(w, content)
		})
		a := start(t, url, func(s *setup) {
			s.config.Policy.Cache = &config.Cache{MaxEntryBytes: 64 << 10, Rule: &config.CacheRule{}}
		})
		c := dial(t, a)
		for _, number := range []string{"1", "2"} {
			if got := c.do(get); got.body != content+number {
				t.Errorf("%d bytes, %v", len(got.body), got.err)
			}
		}
	}
}

func TestARoutesEditsAreKeptToo(t *testing.T) {
	url, _ := counting(t, func(w http.ResponseWriter, r *http.Request) {
		fresh(w, r)
		w.Header().Set("Server", "secretive")
		w.Header().Set("ETag", `"a"`)
	})
	c := dial(t, start(t, url, caching(config.CacheRule{}), func(s *setup) {
		s.config.Routes = []config.Route{
			{Path: "/", ResponseHeaders: config.Headers{Set: map[string]string{"Cache-Control": "no-store", "From": "a route"}, Remove: []string{"Server"}}},
			{Path: "/post", UpstreamPath: "/", UpstreamMethod: "POST", Body: &config.Body{Text: "{}"}},
		}
	}))
	for i, want := range []string{isStored, isHit, isHit} {
		got := c.do("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		got.want(t, 200, "1", want)
		if got.header.Get("Server") != "" || got.header.Get("From") != "a route" || strings.Join(got.header["Cache-Control"], "") != "no-store" {
			t.Errorf("answer %d: %v", i, got.header)
		}
	}
	c.do("GET /post HTTP/1.1\r\nHost: a\r\n\r\n").want(t, 200, "2", "ambassador; fwd=method")
	c.do("GET / HTTP/1.1\r\nHost: a\r\n\r\n").want(t, 200, "3", isStored)
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
