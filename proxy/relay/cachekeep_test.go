package relay_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

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
