package route

import (
	"testing"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// lookup returns what goes upstream for a path, or the verdict in words.
func lookup(table based, method, path string) string {
	var m Match
	switch table.Lookup([]byte(path), []byte(method), &m) {
	case Found:
		return string(m.AppendTarget(nil, table.base, []byte(path), nil, false, nil, nil))
	case NotFound:
		return "not found"
	case MethodNotAllowed:
		return "allow " + string(m.Allow)
	default:
		return "unsafe"
	}
}

type request struct{ name, method, path, want string }

func check(t *testing.T, table based, requests []request) {
	t.Helper()
	for _, r := range requests {
		t.Run(r.name, func(t *testing.T) {
			if got := lookup(table, r.method, r.path); got != r.want {
				t.Errorf("%s %s: got %q, want %q", r.method, r.path, got, r.want)
			}
		})
	}
}

func TestRoutesMatchByWholeSegments(t *testing.T) {
	check(t, compile(t, "/3/",
		config.Route{Path: "/movies", UpstreamPath: "/discover/movie"},
		config.Route{Path: "/status", UpstreamPath: "/health", Match: config.MatchExact},
		config.Route{Path: "/folder/", UpstreamPath: "/files"},
		config.Route{Path: "/file/", UpstreamPath: "/one", Match: config.MatchExact},
		config.Route{Path: "/home", UpstreamPath: "/"},
		config.Route{Path: "/plain"},
	), []request{
		{"prefix alone", "GET", "/movies", "/3/discover/movie"},
		{"prefix with a slash", "GET", "/movies/", "/3/discover/movie/"},
		{"prefix with more", "GET", "/movies/550/x", "/3/discover/movie/550/x"},
		{"prefix of a segment", "GET", "/moviestar", "not found"},
		{"another letter case", "GET", "/Movies", "not found"},
		{"exact", "GET", "/status", "/3/health"},
		{"exact with a slash", "GET", "/status/", "not found"},
		{"exact with more", "GET", "/status/x", "not found"},
		{"pattern with a slash, alone", "GET", "/folder/", "/3/files/"},
		{"pattern with a slash, more", "GET", "/folder/a", "/3/files/a"},
		{"pattern with a slash, path without", "GET", "/folder", "not found"},
		{"exact pattern with a slash", "GET", "/file/", "/3/one"},
		{"to the root", "GET", "/home", "/3/"},
		{"below, to the root", "GET", "/home/a", "/3/a"},
		{"no upstream path", "GET", "/plain/a", "/3/plain/a"},
		{"root", "GET", "/", "not found"},
		{"escaped letter is the letter", "GET", "/%6dovies/%6d", "/3/discover/movie/%6d"},
		{"escaped twice is the letter", "GET", "/%256dovies", "/3/discover/movie"},
		{"escaped slash in the rest", "GET", "/movies/a%2Fb", "/3/discover/movie/a%2Fb"},
		{"escaped slash after the matched part", "GET", "/movies%2Fb", "unsafe"},
		{"escaped slash ends an exact path", "GET", "/file%2f", "unsafe"},
		{"unsafe", "GET", "/movies/..", "unsafe"},
	})
}

func TestRouteAtTheRoot(t *testing.T) {
	check(t, compile(t, "", config.Route{Path: "/", UpstreamPath: "/home", Match: config.MatchExact}, config.Route{Path: "/", UpstreamPath: "/all"}), []request{
		{"exact comes first", "GET", "/", "/home"},
		{"prefix covers the rest", "GET", "/a/b", "/all/a/b"},
	})
	check(t, compile(t, ""), []request{
		{"no routes, root", "GET", "/", "/"},
		{"no routes, any path", "DELETE", "/a/b/", "/a/b/"},
	})
}

func TestLiteralBeatsCaptureAndLongerBeatsShorter(t *testing.T) {
	check(t, compile(t, "",
		config.Route{Path: "/movie/{id}", UpstreamPath: "/by-id/{id}"},
		config.Route{Path: "/movie/popular", UpstreamPath: "/popular"},
		config.Route{Path: "/movie/{id}/cast/{who}", UpstreamPath: "/{who}/in/{id}", Match: config.MatchExact},
		config.Route{Path: "/movie/popular/cast", UpstreamPath: "/popular-cast", Match: config.MatchExact},
		config.Route{Path: "/{any}/latest", UpstreamPath: "/latest/{any}"},
		config.Route{Path: "/movie", UpstreamPath: "/all", Match: config.MatchExact},
	), []request{
		{"capture", "GET", "/movie/550", "/by-id/550"},
		{"capture of received bytes", "GET", "/movie/%35%2050", "/by-id/%35%2050"},
		{"literal", "GET", "/movie/popular", "/popular"},
		{"literal with rest", "GET", "/movie/popular/x", "/popular/x"},
		{"longer", "GET", "/movie/550/cast/7", "/7/in/550"},
		{"not longer enough", "GET", "/movie/550/cast", "/by-id/550/cast"},
		{"exact below the literal", "GET", "/movie/popular/cast", "/popular-cast"},
		{"the literal's prefix before the capture's exact", "GET", "/movie/popular/cast/7", "/popular/cast/7"},
		{"first segment captured", "GET", "/tv/latest", "/latest/tv"},
		{"literal first segment decides", "GET", "/movie/latest", "/by-id/latest"},
		{"back from a literal that leads nowhere", "GET", "/movie", "/all"},
		{"a capture is not empty", "GET", "/movie/", "not found"},
		{"a capture does not span an escaped slash", "GET", "/movie/a%2Fb", "unsafe"},
		{"nor does it end in one", "GET", "/movie/550%2Fcast/7", "unsafe"},
	})
}

func TestMethods(t *testing.T) {
	check(t, compile(t, "",
		config.Route{Path: "/read", Methods: []string{"GET"}},
		config.Route{Path: "/read/write"},
		config.Route{Path: "/split", UpstreamPath: "/rest"},
		config.Route{Path: "/split", UpstreamPath: "/post", Methods: []string{"POST", "PUT"}},
		config.Route{Path: "/only", Methods: []string{"POST"}},
		config.Route{Path: "/only", UpstreamPath: "/get", Methods: []string{"GET"}},
	), []request{
		{"GET", "GET", "/read", "/read"},
		{"HEAD where there is GET", "HEAD", "/read", "/read"},
		{"not answered", "POST", "/read/x", "allow GET, HEAD"},
		{"methods have a case", "get", "/read", "allow GET, HEAD"},
		{"the longer route decides", "POST", "/read/write", "/read/write"},
		{"the method picks the route", "PUT", "/split", "/post"},
		{"the others", "GET", "/split", "/rest"},
		{"any method", "PROPFIND", "/split", "/rest"},
		{"Allow of several routes", "DELETE", "/only", "allow POST, GET, HEAD"},
		{"CONNECT", "CONNECT", "/read/write", "allow " + allMethods},
		{"TRACE", "TRACE", "/read/write", "allow " + allMethods},
	})
	check(t, compile(t, ""), []request{{"TRACE without routes", "TRACE", "/", "allow " + allMethods}})
}

func TestRoutesAreListedInOrder(t *testing.T) {
	routes := compile(t, "", config.Route{Path: "/b"}, config.Route{Path: "/a/{id}"}).Routes(0)
	if len(routes) != 2 || routes[0].Name != "/b" || routes[1].Name != "/a/{id}" || routes[1].Index != 1 {
		t.Errorf("%+v", routes)
	}
	if routes = compile(t, "").Routes(0); len(routes) != 1 || routes[0].Name != "/" {
		t.Errorf("%+v", routes)
	}
}
