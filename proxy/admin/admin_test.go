package admin_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/admin"
	"github.com/ambassador-operator/ambassador-operator/proxy/credential"
)

// source shows what a test sets.
type source struct{ missing, stale []credential.Problem }

func (s *source) handler() http.Handler {
	return admin.Handler(admin.Source{
		Missing: func() []credential.Problem { return s.missing },
		Stale:   func() []credential.Problem { return s.stale },
		Metrics: func(w io.Writer) { _, _ = io.WriteString(w, "a_metric 1\n") },
		Status:  func() any { return map[string]string{"version": "1"} },
	})
}

func ask(h http.Handler, method, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w
}

func TestEachPageAnswers(t *testing.T) {
	h := new(source).handler()
	for path, want := range map[string]string{
		"/healthz": "ok\n", "/readyz": "ok\n", "/metrics": "a_metric 1\n", "/status": "{\n  \"version\": \"1\"\n}\n",
	} {
		if w := ask(h, "GET", path); w.Code != 200 || w.Body.String() != want {
			t.Errorf("%s: %d %q", path, w.Code, w.Body)
		}
		if w := ask(h, "HEAD", path); w.Code != 200 {
			t.Errorf("HEAD %s: %d", path, w.Code)
		}
		if w := ask(h, "POST", path); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("POST %s: %d", path, w.Code)
		}
	}
	for _, path := range []string{"/", "/debug/pprof/", "/healthz/", "/status/x"} {
		if w := ask(h, "GET", path); w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestReadinessNamesWhatIsStale(t *testing.T) {
	s := &source{stale: []credential.Problem{{Ambassador: "tmdb", Secret: "tmdb", Key: "apikey", State: credential.Empty, Kept: true}}}
	w := ask(s.handler(), "GET", "/readyz")
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/json" || !strings.Contains(w.Body.String(), `"key": "apikey"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestReadinessNamesWhatIsMissing(t *testing.T) {
	s := &source{missing: []credential.Problem{{Ambassador: "tmdb", Secret: "tmdb", Key: "apikey", State: credential.Missing}}}
	w := ask(s.handler(), "GET", "/readyz")
	var body map[string][]map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Fatal(err)
	}
	entry := body["missing"][0]
	if w.Code != 503 || entry["ambassador"] != "tmdb" || entry["secret"] != "tmdb" || entry["key"] != "apikey" || entry["problem"] != "missing" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestServeEndsWithTheContext(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var served sync.WaitGroup
	served.Go(func() {
		if err := admin.Serve(ctx, listener, new(source).handler()); err != nil {
			t.Error(err)
		}
	})
	response, err := http.Get("http://" + listener.Addr().String() + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	stop()
	served.Wait()
}

// Clients that open connections and say nothing do not keep the kubelet's probe waiting for long.
func TestSilentClientsDoNotHoldThePort(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	defer served.Wait()
	served.Go(func() { _ = admin.Serve(t.Context(), listener, new(source).handler()) })
	defer listener.Close()
	for range 200 {
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	client := http.Client{Timeout: 8 * time.Second}
	response, err := client.Get("http://" + listener.Addr().String() + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if !strings.HasPrefix(string(body), "ok") {
		t.Errorf("%q", body)
	}
}
