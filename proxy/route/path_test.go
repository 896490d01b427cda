package route

import (
	"net/url"
	"path"
	"strings"
	"testing"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

func TestUnsafePathsAreRefused(t *testing.T) {
	for name, target := range map[string]string{
		"empty":                           "",
		"asterisk":                        "*",
		"relative":                        "movies",
		"dot segment":                     "/a/./b",
		"dot segment at the end":          "/a/.",
		"double dot":                      "/../etc",
		"double dot at the end":           "/a/..",
		"escaped dot":                     "/a/%2e%2e/b",
		"half escaped dots":               "/a/.%2E/b",
		"dot after an escape":             "/a%20/../b",
		"doubly escaped dots":             "/a/%252e%252e/b",
		"every character escaped twice":   "/a/%25%32%65%25%32%65/b",
		"escaped slash makes a segment":   "/a/..%2fb",
		"doubly escaped slash":            "/a/..%252fb",
		"escaped slash before the dots":   "/a%2f../b",
		"dots with path parameters":       "/a/..;x=1/b",
		"dots with escaped semicolon":     "/a/..%3bx/b",
		"dot with path parameters":        "/a/.;/b",
		"backslash":                       `/a\..\b`,
		"escaped backslash":               "/a%5c..%5cb",
		"doubly escaped backslash":        "/a/%255c",
		"NUL":                             "/a\x00b",
		"escaped NUL":                     "/a%00b",
		"doubly escaped NUL":              "/a%2500b",
		"escaped line feed":               "/a%0ab",
		"escaped carriage return":         "/a%0Db",
		"control":                         "/a\x1fb",
		"DEL":                             "/a\x7f",
		"escaped DEL":                     "/a%7f",
		"space":                           "/a b",
		"fragment":                        "/a#b",
		"question mark":                   "/a?b",
		"raw UTF-8":                       "/caf\xc3\xa9",
		"cut escape":                      "/a%2",
		"lone percent":                    "/a%",
		"no hexadecimal":                  "/a%zz",
		"percent in an escape":            "/a/%2%65",
		"escaped three times":             "/a/%25252e",
		"percent escaped by parts":        "/a/%25%2532e",
		"percent in a doubly read escape": "/a/%252%2565",
		"two escaped percents":            "/a%25%25",
		"overlong dot":                    "/a/%c0%ae%c0%ae/b",
		"overlong slash":                  "/a/..%c0%af",
		"overlong backslash":              "/a/%c1%9c",
		"overlong slash of three bytes":   "/a/%e0%80%af",
		"overlong slash of four bytes":    "/a/%f0%80%80%af",
		"empty segment":                   "/a//b",
		"network path":                    "//evil.example/a",
		"empty segment at the end":        "/a//",
		"empty segment after an escape":   "/a%20//b",
	} {
		t.Run(name, func(t *testing.T) {
			if judge([]byte(target)).safe {
				t.Errorf("%q is taken for safe", target)
			}
		})
	}
}

func TestSafePathsAreLeftAlone(t *testing.T) {
	for name, target := range map[string]string{
		"root":                    "/",
		"segments":                "/a/b/c",
		"slash at the end":        "/a/",
		"dots within a name":      "/a..b/...",
		"dot file":                "/.well-known/..x",
		"three dots":              "/a/.../b",
		"escaped space":           "/a%20b",
		"escaped UTF-8":           "/caf%C3%A9",
		"three bytes of UTF-8":    "/%E0%A4%A8",
		"four bytes of UTF-8":     "/%F0%9F%8E%AC",
		"escaped question mark":   "/what%3F",
		"escaped percent":         "/100%25",
		"escaped percent, letter": "/50%25off",
		"doubly escaped space":    "/a%2520b",
		"escaped slash":           "/projects/group%2Fproject",
		"escaped slash alone":     "/queues/%2F/name",
		"path parameters":         "/a;v=1/b",
		"sub-delimiters":          "/a!$&'()*+,;=:@b",
		"not in the grammar":      "/a|b^c{d}\"<e>`",
	} {
		t.Run(name, func(t *testing.T) {
			table := compile(t, "/3")
			var m Match
			if verdict := table.Lookup([]byte(target), []byte("GET"), &m); verdict != Found {
				t.Fatalf("verdict %d", verdict)
			}
			if got := string(m.AppendTarget(nil, table.base, []byte(target), nil, false, nil, nil)); got != "/3"+target {
				t.Errorf("%q became %q", target, got)
			}
		})
	}
}

func TestBasePathThatIsNotSafeIsRefused(t *testing.T) {
	for _, base := range []string{"/a/../b", "/a//b", "a", "/%2e%2e", "/a b"} {
		if _, err := Base(base); err == nil {
			t.Errorf("%q is accepted", base)
		}
	}
}

// FuzzPathSafety: whatever is forwarded, read by another parser with its escapes decoded once or twice, backslashes
// taken for slashes and path parameters cut, stays below the base path, and below what its route maps to.
func FuzzPathSafety(f *testing.F) {
	for _, seed := range []string{"/movies", "/a/%2e%2e/b", "/a/%252e", "/movies/..;/x", "/m/%2F/x", "/movie/550/credits", "/%6dovies/%2520",
		"/movie/%25%32%66..", "/free/a%2f..%2f..", "/free/%c0%ae%c0%ae/", "/a/%25%2532e%25%2532e", "/free/%E0%80%AE./"} {
		f.Add(seed)
	}
	routed := compile(f, "/base", config.Route{Path: "/movies", UpstreamPath: "/base2/movie"},
		config.Route{Path: "/movie/{id}/credits", UpstreamPath: "/base2/{id}/c"}, config.Route{Path: "/free/", UpstreamPath: "/base2/"})
	open := compile(f, "/base/base2")
	f.Fuzz(func(t *testing.T, target string) {
		for _, table := range []based{routed, open} {
			var m Match
			if table.Lookup([]byte(target), []byte("GET"), &m) != Found {
				continue
			}
			forwarded := string(m.AppendTarget(nil, table.base, []byte(target), nil, false, nil, nil))
			for _, reading := range readings(t, forwarded) {
				if clean := path.Clean(reading) + "/"; !strings.HasPrefix(clean, "/base/base2/") {
					t.Fatalf("%q goes upstream as %q, which can be read as %q", target, forwarded, clean)
				}
			}
		}
	})
}

// readings lists what services may make of a path.
func readings(t *testing.T, forwarded string) []string {
	t.Helper()
	u, err := url.ParseRequestURI(forwarded)
	if err != nil {
		t.Fatalf("%q is not a request target: %v", forwarded, err)
	}
	if u.Host != "" || u.RawQuery != "" || u.EscapedPath() != forwarded && strings.ContainsAny(forwarded, "?#") {
		t.Fatalf("%q is more than a path", forwarded)
	}
	all := []string{forwarded, u.Path}
	for reading, rounds := u.Path, 0; rounds < 3; rounds++ {
		next, err := url.PathUnescape(reading)
		if err != nil {
			break
		}
		all, reading = append(all, next), next
	}
	for _, reading := range all {
		all = append(all, strings.ReplaceAll(reading, `\`, "/"), withoutParameters(reading))
	}
	return all
}

func withoutParameters(reading string) string {
	segments := strings.Split(reading, "/")
	for i, segment := range segments {
		segments[i], _, _ = strings.Cut(segment, ";")
	}
	return strings.Join(segments, "/")
}

// based is a table of one ambassador, with the base path that its targets are put under.
type based struct {
	*Table
	base string
}

func compile(t testing.TB, base string, routes ...config.Route) based {
	t.Helper()
	base, err := Base(base)
	if err != nil {
		t.Fatal(err)
	}
	return based{Compile(routes), base}
}
