package main_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// What is kept outlives a document that leaves its route alone, and is found by no route that has changed.
func TestWhatIsCachedOutlivesAReload(t *testing.T) {
	var asked atomic.Int32
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "max-age=3600")
		fmt.Fprint(w, asked.Add(1))
	}))
	defer service.Close()
	p := newPod(t)
	p.secret("s", map[string]string{"token": "abc"})
	a := p.ambassador(service.URL)
	a.Upstream.DenyCIDRs = []string{}
	a.Policy.Cache = &config.Cache{Rule: &config.CacheRule{}}
	a.Routes = []config.Route{{Path: "/kept"}, {Path: "/changed"}}
	p.serve(a)
	p.run()
	want := func(path, body string) {
		t.Helper()
		if got := get(t, p.url(path)); got.body != body {
			t.Errorf("%s: %d %q, want %q", path, got.status, got.body, body)
		}
	}
	want("/kept", "1")
	want("/changed", "2")
	a.Routes = []config.Route{{Path: "/new"}, {Path: "/kept"}, {Path: "/changed", ResponseHeaders: config.Headers{Remove: []string{"Server"}}}}
	p.serve(a)
	p.eventually("the new document is served", func() bool { return get(t, p.url("/new")).status == http.StatusOK })
	want("/kept", "1")
	want("/changed", "4")
	if entries := p.status("ambassadors", 0, "cache", "entries"); entries != 4.0 {
		t.Errorf("%v entries, want 4", entries)
	}
}
