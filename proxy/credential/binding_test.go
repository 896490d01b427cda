package credential_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
	"github.com/ambassador-operator/ambassador-operator/proxy/credential"
)

func TestSecretIsSpentOnlyWhereItAllows(t *testing.T) {
	for name, row := range map[string]struct {
		upstream, list string
		allowed        bool
	}{
		"the same":                 {"https://api.example.com/3", "https://api.example.com/3", true},
		"slash at the end":         {"https://api.example.com/3/", "https://api.example.com/3", true},
		"slash on the list":        {"https://api.example.com/3", "https://api.example.com/3/", true},
		"host alone":               {"https://api.example.com/3", "https://api.example.com", true},
		"below":                    {"https://api.example.com/3/x", "https://api.example.com/3", true},
		"several lines":            {"https://b.example.com", "# ours\nhttps://a.example.com\n\n  https://b.example.com  \n", true},
		"Windows lines":            {"https://b.example.com", "https://a.example.com\r\nhttps://b.example.com\r\n", true},
		"letter case of the host":  {"https://API.example.com", "https://api.EXAMPLE.com", true},
		"default port":             {"https://api.example.com:443", "https://api.example.com", true},
		"dot at the end":           {"https://api.example.com.", "https://api.example.com", true},
		"above":                    {"https://api.example.com", "https://api.example.com/3", false},
		"beside":                   {"https://api.example.com/33", "https://api.example.com/3", false},
		"another letter case":      {"https://api.example.com/A", "https://api.example.com/a", false},
		"another host":             {"https://evil.example.com", "https://api.example.com", false},
		"host as a prefix":         {"https://api.example.com.evil.com", "https://api.example.com", false},
		"subdomain":                {"https://x.api.example.com", "https://api.example.com", false},
		"another port":             {"https://api.example.com:8443", "https://api.example.com", false},
		"without TLS":              {"http://api.example.com", "https://api.example.com", false},
		"empty":                    {"https://api.example.com", "", false},
		"comments alone":           {"https://api.example.com", "# none\n", false},
		"no URL":                   {"https://api.example.com", "api.example.com", false},
		"one bad line spoils all":  {"https://api.example.com", "https://api.example.com\nftp://x", false},
		"user information":         {"https://api.example.com", "https://api.example.com@evil.com", false},
		"dot segments on the list": {"https://api.example.com/a", "https://api.example.com/a/..", false},
		"query on the list":        {"https://api.example.com/a", "https://api.example.com/a?x", false},
		"space within the list":    {"https://api.example.com/a", "https://api.example.com/a https://b.example.com", false},
		"wildcard":                 {"https://api.example.com/a", "https://*.example.com/a", false},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFolder(t)
			f.write("s", "token", "abc")
			f.write("s", "allowed-upstreams", row.list)
			a := ambassador(bearer)
			a.Upstream.URL = row.upstream
			set := f.open(a)
			now := set.Current()
			if (now.Refused == nil) != row.allowed || now.Missing != nil {
				t.Errorf("refused: %v, missing: %v", now.Refused, now.Missing)
			}
			if p := set.Problems(); row.allowed != (len(p) == 0) || !row.allowed && p[0].State != credential.NotAllowed {
				t.Errorf("%+v", p)
			}
			if !row.allowed && len(now.Fields.Bytes()) > 0 {
				t.Error("attached all the same")
			}
		})
	}
}

func TestBindingFollowsItsFile(t *testing.T) {
	f := newFolder(t)
	f.write("s", "token", "abc")
	set := f.open(ambassador(bearer))
	for _, step := range []struct {
		name    string
		change  func()
		allowed bool
	}{
		{"none", func() {}, true},
		{"elsewhere", func() { f.write("s", "allowed-upstreams", "https://other.example.com") }, false},
		{"here", func() { f.write("s", "allowed-upstreams", "https://api.example.com") }, true},
		{"emptied", func() { f.write("s", "allowed-upstreams", "") }, false},
		{"unreadable", func() {
			f.remove("s", "allowed-upstreams")
			if err := os.Mkdir(filepath.Join(f.path, "s", "allowed-upstreams"), 0o755); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"removed", func() { f.remove("s", "allowed-upstreams") }, true},
	} {
		step.change()
		set.Load()
		if (set.Current().Refused == nil) != step.allowed {
			t.Errorf("%s: %v", step.name, set.Current().Refused)
		}
	}
}

func TestBoundSecretNeedsAVerifiedCertificate(t *testing.T) {
	f := newFolder(t)
	f.write("s", "token", "abc")
	a := ambassador(bearer)
	a.Upstream.TLS = &config.TLS{InsecureSkipVerify: true}
	if err := f.open(a).Current().Refused; err != nil {
		t.Errorf("not bound, but refused: %v", err)
	}
	f.write("s", "allowed-upstreams", "https://api.example.com")
	if f.open(a).Current().Refused == nil {
		t.Error("spent over a connection that nobody verified")
	}
}

func TestOneSecretsBindingHoldsForAllThatAreAttached(t *testing.T) {
	f := newFolder(t)
	f.write("s", "token", "abc")
	f.write("t", "key", "abc")
	f.write("t", "allowed-upstreams", "https://other.example.com")
	if f.open(ambassador(bearer, header)).Current().Refused == nil {
		t.Error("not refused")
	}
}

func TestABoundSecretMustAllowEveryEndpoint(t *testing.T) {
	f := newFolder(t)
	f.write("s", "token", "abc")
	a := ambassador(bearer)
	a.Upstream.Failover = []string{"https://b.example.com", "https://c.example.com/3"}
	for list, allowed := range map[string]bool{
		a.Upstream.URL: false,
		a.Upstream.URL + "\nhttps://b.example.com":                          false,
		"https://b.example.com\nhttps://c.example.com":                      false,
		a.Upstream.URL + "\nhttps://b.example.com\nhttps://c.example.com":   true,
		a.Upstream.URL + "\nhttps://b.example.com\nhttps://c.example.com/4": false,
	} {
		f.write("s", "allowed-upstreams", list)
		if now := f.open(a).Current(); (now.Refused == nil) != allowed || !allowed && len(now.Fields.Bytes()) > 0 {
			t.Errorf("%q: %v", list, now.Refused)
		}
	}
}
