package main_test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// The document changes a hundred times a second while requests flow: none fails, and no client loses its connection.
func TestDocumentIsReplacedUnderLoad(t *testing.T) {
	service := newUpstream(t, "abc")
	p := newPod(t)
	p.secret("s", map[string]string{"token": "abc"})
	one := p.ambassador(service.URL + "/one")
	two := p.ambassador(service.URL + "/two")
	two.Routes = []config.Route{{Path: "/"}, {Path: "/x", UpstreamPath: "/y"}}
	p.serve(one)
	p.run()
	clients := startLoad(t, 4, p.url("/movies"), func(a answer) error {
		if a.body != "GET /one/movies" && a.body != "GET /two/movies" {
			return fmt.Errorf("%d %s", a.status, a.body)
		}
		return nil
	})
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for i := range 300 {
		<-ticker.C
		p.serve([]config.Ambassador{one, two}[i%2])
	}
	p.eventually("the last document is served", func() bool { return get(t, p.url("/x")).body == "GET /two/y" })
	clients.finish()
	if p.status("document", "problem") != nil {
		t.Errorf("problem: %v", p.status("document", "problem"))
	}
}

func TestBadDocumentLeavesTheLastGoodOneServing(t *testing.T) {
	service := newUpstream(t, "abc")
	p := newPod(t)
	p.secret("s", map[string]string{"token": "abc"})
	good := p.ambassador(service.URL)
	p.serve(good)
	p.run()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	other := good
	other.Name, other.Port = "other", taken.Addr().(*net.TCPAddr).Port
	wrong, unmet := good, good
	wrong.Routes = []config.Route{{Path: "/", Response: &config.Response{Rules: []config.ResponseRule{{JQ: "{"}}}}}
	unmet.Routes = []config.Route{{Path: "/", Response: &config.Response{
		Rules: []config.ResponseRule{{JQ: ".a"}}, Examples: []config.Example{{Input: `{"a":1}`, Output: "2"}},
	}}}
	for _, row := range []struct {
		name, want string
		write      func()
	}{
		{"a wrong program", "ambassadors[0].routes[0].response.rules[0].jq: line 1, column 2: unexpected EOF", func() { p.serve(wrong) }},
		{"an example that does not come out", "ambassadors[0].routes[0].response.examples[0].output: want 2, but 1 comes out", func() { p.serve(unmet) }},
		{"half-written", "half-written", func() { p.configure(`{"version": "v1", "amb`) }},
		{"invalid", "ambassadors: 0 entries", func() { p.configure(`{"version": "v1", "ambassadors": []}`) }},
		{"another version", `"v2" is not supported`, func() { p.configure(`{"version": "v2", "ambassadors": []}`) }},
		{"too large", "bytes; at most", func() { p.configure(strings.Repeat(" ", config.MaxDocument+1)) }},
		{"a port that is taken", "is taken", func() { p.serve(good, other) }},
		{"removed", "no such file", func() {
			if err := p.document.Write(nil); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			row.write()
			p.eventually("the problem is reported", func() bool {
				problem, _ := p.status("document", "problem").(string)
				return strings.Contains(problem, row.want)
			})
			if a := get(t, p.url("/still")); a.status != http.StatusOK || p.adminStatus("/readyz") != http.StatusOK {
				t.Errorf("%d %s", a.status, a.body)
			}
			if metrics := p.adminPage("/metrics"); !strings.Contains(metrics, "ambassador_document_valid 0") {
				t.Error("the metric says that the document is valid")
			}
			p.serve(good)
			p.eventually("the good document is served", func() bool { return p.status("document", "problem") == nil })
		})
	}
	if n := strings.Count(p.log.String(), "the last good one is served"); n != 8 {
		t.Errorf("8 problems are logged %d times", n)
	}
}

func TestAmbassadorsComeAndGo(t *testing.T) {
	service := newUpstream(t)
	p := newPod(t)
	p.secret("s", map[string]string{"token": "abc"})
	first := p.ambassador(service.URL)
	second := first
	second.Name, second.Port = "second", freePort(t)
	p.serve(first)
	p.run()
	clients := startLoad(t, 2, p.url("/"), mustBeOK)
	address := fmt.Sprintf("127.0.0.1:%d", second.Port)
	for range 2 {
		p.serve(first, second)
		p.eventually("the second is served", func() bool { return listens(second.Port) })
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if a := get(t, "http://"+address+"/"); a.status != http.StatusOK {
			t.Errorf("%d %s", a.status, a.body)
		}
		p.eventually("its connection is counted", func() bool {
			return p.metric(fmt.Sprintf("ambassador_connections_open{port=%q}", fmt.Sprint(second.Port))) > 0
		})
		p.serve(first)
		p.eventually("the second's port is closed", func() bool { return !listens(second.Port) })
		_ = conn.Close()
	}
	clients.finish()
}

// Connections to the service live on when a document changes what is not the upstream.
func TestPoolOutlivesAChangeOfRoutes(t *testing.T) {
	service := newUpstream(t)
	p := newPod(t)
	p.secret("s", map[string]string{"token": "abc"})
	a := p.ambassador(service.URL)
	p.serve(a)
	p.run()
	get(t, p.url("/"))
	a.Routes = []config.Route{{Path: "/new"}}
	p.serve(a)
	p.eventually("the new routes are served", func() bool { return get(t, p.url("/")).status == http.StatusNotFound })
	if a := get(t, p.url("/new")); a.status != http.StatusOK {
		t.Errorf("%d %s", a.status, a.body)
	}
	if metrics := p.adminPage("/metrics"); !strings.Contains(metrics, `ambassador_upstream_connects_total{ambassador="service"} 1`) {
		t.Errorf("more than one connection was made:\n%s", metrics)
	}
}

// Plain files, without links, do as well: that is how the sidecar runs outside a cluster.
func TestPlainFilesAreReloadedToo(t *testing.T) {
	service := newUpstream(t)
	p := newPod(t)
	p.serve(p.ambassador(service.URL))
	p.secret("s", map[string]string{"token": "one"})
	for _, path := range []string{"config/ambassador.json", "credentials/s/token"} {
		makePlain(t, filepath.Join(p.folder, path))
	}
	p.run()
	get(t, p.url("/"))
	if err := os.WriteFile(filepath.Join(p.folder, "credentials/s/token"), []byte("two\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	p.eventually("the new token is spent", func() bool { get(t, p.url("/")); return service.seen() == "two" })
}

// makePlain replaces the kubelet's links by a file.
func makePlain(t *testing.T, path string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Dir(path)); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}
