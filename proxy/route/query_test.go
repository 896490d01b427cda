package route

import (
	"net/url"
	"strings"
	"testing"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

func TestClientsCopyOfACredentialIsDroppedInAnySpelling(t *testing.T) {
	for _, query := range []string{
		"api_key=x", "API_KEY=x", "api%5Fkey=x", "api%5fkey=x", "%61pi_key=x", "api%255Fkey=x", "api-key=x", "api.key=x", "api+key=x",
		"api%20key=x", "+api_key=x", "%20api_key=x", "api_key[]=x", "api_key%5B0%5D=x", "api_key%00z=x", "api_key", "api_key=",
		"api_key=x&api_key=y", "api_key=x;api_key=y",
	} {
		for name, rows := range map[string][2]string{
			"alone":     {query, "api_key=secret"},
			"first":     {query + "&a=1", "a=1&api_key=secret"},
			"last":      {"a=1&" + query, "a=1&api_key=secret"},
			"semicolon": {"a=1;" + query + ";b=2", "a=1;b=2&api_key=secret"},
		} {
			t.Run(query+" "+name, func(t *testing.T) {
				if got := edit(t, config.Query{}, rows[0], "api_key", "api_key=secret"); got != "/?"+rows[1] {
					t.Errorf("%q became %q", rows[0], got)
				}
			})
		}
	}
}

func TestOtherParametersStayByteForByte(t *testing.T) {
	for _, query := range []string{
		"api_keys=1", "my_api_key=1", "apikey=1", "a=api_key", "a=1&&b=2", "a=%zz&%=%", "a=b=c", "x=1;y=2", "q=a+b%20c", "=1", "a[]=1&a[]=2",
		"api_key2=%61", "api_key%", "api_key%2", "&a=1", "a=1&",
	} {
		t.Run(query, func(t *testing.T) {
			if got := edit(t, config.Query{}, query, "api_key", ""); got != "/?"+query {
				t.Errorf("became %q", got)
			}
		})
	}
}

func TestRouteSetsAndDefaultsParameters(t *testing.T) {
	rules := config.Query{
		Set:     map[string]string{"language": "en US", "adult": "false"},
		Default: map[string]string{"page": "1", "sort by": "a&b=c"},
	}
	for _, row := range []struct{ name, query, want string }{
		{"nothing sent", "", "adult=false&language=en%20US&page=1&sort%20by=a%26b%3Dc"},
		{"set replaces", "language=de&q=x", "q=x&adult=false&language=en%20US&page=1&sort%20by=a%26b%3Dc"},
		{"default gives way", "page=7&sort+by=x", "page=7&sort+by=x&adult=false&language=en%20US"},
		{"default gives way to another spelling", "%70age", "%70age&adult=false&language=en%20US&sort%20by=a%26b%3Dc"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := edit(t, rules, row.query, "", ""); got != "/?"+row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

func TestRouteRemovesAndRenamesParameters(t *testing.T) {
	rules := config.Query{
		Remove:  []string{"debug"},
		Rename:  map[string]string{"year": "y", "title": "s"},
		Set:     map[string]string{"type": "movie"},
		Default: map[string]string{"y": "2000", "debug": "0"},
	}
	for _, row := range []struct{ name, query, want string }{
		{"nothing sent", "", "type=movie&debug=0&y=2000"},
		{"renamed, in its place, its value untouched", "a=1&title=x%20y+z&b=2", "a=1&s=x%20y+z&b=2&type=movie&debug=0&y=2000"},
		{"renamed without a value", "year", "y=&type=movie&debug=0"},
		{"renamed in another spelling", "YE%41R=1", "y=1&type=movie&debug=0"},
		{"the new name is the route's alone", "y=1&year=2&s[]=3", "y=2&type=movie&debug=0"},
		{"removed, in every spelling", "debug=1&De%62ug=2&debug[]=3", "type=movie&debug=0&y=2000"},
		{"twice", "year=1&year=2", "y=1&y=2&type=movie&debug=0"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := edit(t, rules, row.query, "", ""); got != "/?"+row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

// A credential's parameter can not be had by renaming another one to it, nor renamed away.
func TestACredentialsParameterIsNotRenamed(t *testing.T) {
	rules := config.Query{Rename: map[string]string{"api_key": "other"}}
	if got := edit(t, rules, "api_key=1&a=2", "api_key", "api_key=secret"); got != "/?a=2&api_key=secret" {
		t.Errorf("got %q", got)
	}
}

func TestCapturesGoIntoParameters(t *testing.T) {
	var m Match
	table := compile(t, "", config.Route{Path: "/{kind}/{id}", UpstreamPath: "/", Query: config.Query{
		Set:     map[string]string{"q": "{kind}:{id}{kind}", "literal": "{other} {"},
		Default: map[string]string{"id": "{id}"},
	}})
	for path, want := range map[string]string{
		"/movie/550":     "/?literal=%7Bother%7D%20%7B&q=movie%3A550movie&id=550",
		"/a%26b/x&y=z;+": "/?literal=%7Bother%7D%20%7B&q=a%26b%3Ax%26y%3Dz%3B%2Ba%26b&id=x%26y%3Dz%3B%2B",
	} {
		if verdict := table.Lookup([]byte(path), []byte("GET"), &m); verdict != Found {
			t.Fatalf("verdict %d", verdict)
		}
		if got := string(m.AppendTarget(nil, "", []byte(path), nil, false, nil, nil)); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

func TestQuestionMarkStaysOrGoes(t *testing.T) {
	var m Match
	table := compile(t, "")
	table.Lookup([]byte("/"), []byte("GET"), &m)
	owned := [][]byte{[]byte("key")}
	for _, row := range []struct {
		name, query string
		hasQuery    bool
		want        string
	}{
		{"none", "", false, "/"},
		{"alone", "", true, "/?"},
		{"nothing left", "key=1", true, "/"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := string(m.AppendTarget(nil, "", []byte("/"), []byte(row.query), row.hasQuery, owned, nil)); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

// edit returns the target of a request for "/" with that query.
func edit(t *testing.T, rules config.Query, query, owned, attach string) string {
	t.Helper()
	var m Match
	table := compile(t, "", config.Route{Path: "/", Query: rules})
	if verdict := table.Lookup([]byte("/"), []byte("GET"), &m); verdict != Found {
		t.Fatalf("verdict %d", verdict)
	}
	var names [][]byte
	if owned != "" {
		names = [][]byte{[]byte(owned)}
	}
	return string(m.AppendTarget(nil, "", []byte("/"), []byte(query), query != "", names, []byte(attach)))
}

// FuzzOwnedParameters: of all that is forwarded, a service that reads names once or twice, in any letter case, and takes
// ';' for a separator, finds the credential's parameter once: the one that was attached.
func FuzzOwnedParameters(f *testing.F) {
	for _, seed := range []string{"api_key=x", "a=1&API%5FKEY=x;b", "api%255fkey=x", "+api.key[]=1", "&&;;", "%", "api_key%", "=api_key", "api%5fkey%00"} {
		f.Add(seed)
	}
	table := compile(f, "", config.Route{Path: "/", Query: config.Query{Set: map[string]string{"fixed": "1"}}})
	f.Fuzz(func(t *testing.T, query string) {
		var m Match
		table.Lookup([]byte("/"), []byte("GET"), &m)
		target := string(m.AppendTarget(nil, "", []byte("/"), []byte(query), true, [][]byte{[]byte("api_key")}, []byte("api_key=secret")))
		forwarded := strings.TrimPrefix(target, "/?")
		pairs := strings.FieldsFunc(forwarded, func(r rune) bool { return r == '&' || r == ';' })
		if pairs[len(pairs)-1] != "api_key=secret" {
			t.Fatalf("%q", target)
		}
		for _, pair := range pairs[:len(pairs)-1] {
			name, _, _ := strings.Cut(pair, "=")
			for range 2 {
				if strings.EqualFold(name, "api_key") || strings.EqualFold(name, "fixed") && pair != "fixed=1" {
					t.Fatalf("%q becomes %q", query, target)
				}
				if decoded, err := url.QueryUnescape(name); err == nil {
					name = decoded
				}
			}
		}
	})
}
