package relay_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
	"github.com/ambassador-operator/ambassador-operator/proxy/relay"
	"github.com/ambassador-operator/ambassador-operator/proxy/route"
)

// echo is a service that answers with what it was asked.
func echo(w http.ResponseWriter, r *http.Request) {
	content, _ := io.ReadAll(r.Body)
	w.Header().Set("Server", "echo")
	w.Header().Set("X-Internal", "yes")
	for _, line := range []string{r.Method + " " + r.RequestURI, "type=" + r.Header.Get("Content-Type"), "agent=" + r.Header.Get("User-Agent"),
		"version=" + r.Header.Get("X-Version"), "debug=" + r.Header.Get("X-Debug"), "auth=" + r.Header.Get("Authorization"), "content=" + string(content)} {
		_, _ = io.WriteString(w, line+"\n")
	}
}

func withRoutes(routes ...config.Route) func(*setup) {
	return func(s *setup) { s.config.Routes = routes }
}

func TestARouteEditsRequests(t *testing.T) {
	a := start(t, serveHTTP(t, echo).URL, withRoutes(
		config.Route{
			Path: "/movies/{id}", UpstreamPath: "/",
			Query: config.Query{
				Set:    map[string]string{"i": "tt{id}", "plot": "full"},
				Remove: []string{"debug"},
				Rename: map[string]string{"year": "y"},
			},
			RequestHeaders: config.Headers{Set: map[string]string{"X-Version": "7"}, Remove: []string{"X-Debug"}},
		},
		config.Route{
			Path: "/search", UpstreamMethod: "POST",
			Body: &config.Body{Text: `{"all":true}`},
		},
	))
	for _, row := range []struct {
		name, request string
		want          []string
	}{
		{
			"query and fields", "GET /movies/a%26b?year=1999&debug=1&plot=short&y=2&q=x HTTP/1.1\r\nHost: a\r\nX_Debug: 1\r\nx-version: 9\r\nUser-Agent: u\r\n\r\n",
			[]string{"GET /?y=1999&q=x&i=tta%26b&plot=full&api_key=s3cret", "version=7", "debug=", "agent=u", "auth=Bearer s3cret"},
		},
		{
			"method and content", "GET /search HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello",
			[]string{"POST /search?api_key=s3cret", "type=application/json", `content={"all":true}`},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := dial(t, a).do(row.request)
			for _, want := range row.want {
				if !strings.Contains(got.body, want+"\n") {
					t.Errorf("the service did not see %q:\n%s", want, got.body)
				}
			}
		})
	}
}

// Content that comes after its head is not waited for where the route has its own, and does not become the next request.
func TestContentThatIsReplacedIsNotTakenForARequest(t *testing.T) {
	a := start(t, serveHTTP(t, echo).URL, withRoutes(config.Route{Path: "/", Body: &config.Body{ContentType: "text/plain", Text: "fixed"}}))
	c := dial(t, a)
	got := c.do("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\n")
	if !strings.Contains(got.body, "type=text/plain\n") || !strings.Contains(got.body, "content=fixed\n") {
		t.Errorf("got %+v", got)
	}
	c.send("GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
	c.wantClosed()
}

func TestARouteEditsAnswers(t *testing.T) {
	a := start(t, serveHTTP(t, echo).URL, withRoutes(config.Route{
		Path: "/", ResponseHeaders: config.Headers{Set: map[string]string{"Server": "ambassador", "X-New": "1"}, Remove: []string{"x-internal"}},
	}))
	got := dial(t, a).do(get)
	if h := got.header; h.Get("Server") != "ambassador" || len(h.Values("Server")) != 1 || h.Get("X-New") != "1" || h.Get("X-Internal") != "" {
		t.Errorf("fields %v", h)
	}
}

// A HEAD request that the service is asked with another method has the head alone.
func TestHeadOfARouteWithAnotherMethod(t *testing.T) {
	a := start(t, serveHTTP(t, echo).URL, withRoutes(config.Route{Path: "/", UpstreamMethod: "POST"}))
	c := dial(t, a)
	for range 3 {
		if got := c.do("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"); got.status != 200 || got.body != "" || got.err != nil {
			t.Fatalf("got %+v", got)
		}
	}
	if got := c.do(get); !strings.HasPrefix(got.body, "POST /movies") {
		t.Errorf("got %+v", got)
	}
}

// Two ambassadors behind one port: each request has the upstream, the credential and the metrics of the one whose route fits
// it best.
func TestOnePortServesSeveralAmbassadors(t *testing.T) {
	a := start(t, serveHTTP(t, echo).URL, withRoutes(config.Route{Path: "/movies"}))
	second := a.setup
	second.config.Name = "second"
	second.config.Upstream = config.Upstream{URL: serveHTTP(t, echo).URL + "/v2", DenyCIDRs: []string{}}
	second.config.Credentials = nil
	second.config.Routes = []config.Route{{Path: "/movies/search"}, {Path: "/books"}}
	a.server.Swap(relay.NewPort(route.Compile(a.config.Routes, second.config.Routes), a.newService(t), second.newService(t)))
	c := dial(t, a)
	for _, row := range []struct{ path, seen, auth string }{
		{"/movies/1", "GET /movies/1?api_key=s3cret\n", "auth=Bearer s3cret\n"},
		{"/movies/search", "GET /v2/movies/search\n", "auth=\n"},
		{"/books/1", "GET /v2/books/1\n", "auth=\n"},
	} {
		got := c.do("GET " + row.path + " HTTP/1.1\r\nHost: a\r\n\r\n")
		if !strings.HasPrefix(got.body, row.seen) || !strings.Contains(got.body, row.auth) {
			t.Errorf("%s: %s", row.path, got.body)
		}
	}
	if got := c.do("GET /else HTTP/1.1\r\nHost: a\r\n\r\n"); got.status != 404 {
		t.Errorf("got %+v", got)
	}
	for name, want := range map[string]string{
		`ambassador_requests_total{ambassador="second",route="/books",method="GET",code="2xx"}`: "1",
		`ambassador_requests_total{ambassador="test",route="/movies",method="GET",code="2xx"}`:  "1",
	} {
		eventually(t, name, func() bool { return a.metric(name) == want })
	}
}
