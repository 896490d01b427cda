package relay_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
	"github.com/ambassador-operator/ambassador-operator/proxy/credential"
	"github.com/ambassador-operator/ambassador-operator/proxy/relay"
	"github.com/ambassador-operator/ambassador-operator/proxy/route"
	"github.com/ambassador-operator/ambassador-operator/proxy/upstream"
)

// ambassador is a server on a loopback port, with what a test looks at.
type ambassador struct {
	address string
	server  *relay.Server
	metrics *metrics.Set
	folder  string // of credentials
}

// start serves one ambassador for the test. A header and a query credential with the value "s3cret" are attached.
func start(tb testing.TB, upstreamURL string, changes ...func(*config.Ambassador, *relay.Options)) *ambassador {
	tb.Helper()
	folder := tb.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "service"), 0o700); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "service", "key"), []byte("s3cret\n"), 0o600); err != nil {
		tb.Fatal(err)
	}
	a := &config.Ambassador{
		Name:     "test",
		Port:     8080,
		Upstream: config.Upstream{URL: upstreamURL, DenyCIDRs: []string{}},
		Credentials: []config.Credential{
			{Secret: "service", Bearer: &config.BearerCredential{Key: "key"}},
			{Secret: "service", Query: &config.QueryCredential{Name: "api_key", Key: "key"}},
		},
	}
	set := metrics.NewSet()
	options := relay.Options{Name: a.Name, Metrics: set}
	for _, change := range changes {
		change(a, &options)
	}
	server := relay.NewServer(newService(tb, a, folder, set), options)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = server.Shutdown(ctx)
		if err := <-served; err != nil {
			tb.Errorf("Serve: %v", err)
		}
	})
	return &ambassador{listener.Addr().String(), server, set, folder}
}

func newService(tb testing.TB, a *config.Ambassador, folder string, set *metrics.Set) *relay.Service {
	tb.Helper()
	_, after, _ := strings.Cut(a.Upstream.URL, "://")
	_, path, _ := strings.Cut(after, "/")
	table, err := route.Compile(a.Routes, "/"+path)
	if err != nil {
		tb.Fatal(err)
	}
	endpoint, err := upstream.New(&a.Upstream, upstream.Options{Name: a.Name, Folder: folder, Metrics: set})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(endpoint.Close)
	credentials := credential.New(a, credential.Options{Folder: folder})
	return relay.NewService(a, table, credentials, endpoint, relay.ServiceOptions{Metrics: set, Logger: slog.New(slog.DiscardHandler)})
}

func TestARequestGoesToTheServiceWithItsCredentials(t *testing.T) {
	service := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Seen", r.Method+" "+r.URL.RequestURI()+" "+r.Header.Get("Authorization")+" "+r.Host)
		_, _ = io.WriteString(w, "hello")
	})
	a := start(t, service.URL+"/3")
	for range 3 {
		response, err := http.Get("http://" + a.address + "/movies?page=2&API-KEY=mine")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		if err != nil || string(body) != "hello" {
			t.Fatalf("body %q, %v", body, err)
		}
		want := "GET /3/movies?page=2&api_key=s3cret Bearer s3cret " + strings.TrimPrefix(service.URL, "http://")
		if got := response.Header.Get("Seen"); got != want {
			t.Fatalf("the service saw %q, want %q", got, want)
		}
	}
}
