package main_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// The service changes its token thirty times under load, accepting the old one until the new one was seen, as services
// do: no request fails.
func TestRotationFailsNoRequest(t *testing.T) {
	service := newUpstream(t, "token-0")
	p := newPod(t)
	p.secret("s", map[string]string{"token": "token-0\n"})
	p.serve(p.ambassador(service.URL))
	p.run()
	clients := startLoad(t, 4, p.url("/"), mustBeOK)
	for i := range 30 {
		before, after := fmt.Sprintf("token-%d", i), fmt.Sprintf("token-%d", i+1)
		service.accept(before, after)
		p.secret("s", map[string]string{"token": after + "\n"})
		p.eventually("the new token is spent", func() bool { return service.seen() == after })
	}
	clients.finish()
}

// A service refuses the old token at once, and nobody tells the sidecar that the file has changed: the refusal makes it
// look, and the request is sent once more. The folder behind the link is not watched, and the clock comes too late.
func TestRefusedTokenIsReadAgain(t *testing.T) {
	service := newUpstream(t, "old")
	p := newPod(t)
	hidden := filepath.Join(p.folder, "credentials", "s", "hidden")
	write := func(token string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(hidden, "token"), []byte(token), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(hidden, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("hidden/token", filepath.Join(hidden, "..", "token")); err != nil {
		t.Fatal(err)
	}
	write("old")
	p.serve(p.ambassador(service.URL))
	p.run()
	mustBeAnswered := func() bool { return get(t, p.url("/")).status == http.StatusOK }
	p.eventually("the old token is spent", mustBeAnswered)
	start := time.Now()
	write("new")
	service.accept("new")
	p.eventually("the new token is spent", mustBeAnswered)
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("found by the clock, after %s", took)
	}
}

func TestBadValueKeepsTheLastGoodOne(t *testing.T) {
	service := newUpstream(t, "good")
	p := newPod(t)
	p.secret("s", map[string]string{"token": "good"})
	p.serve(p.ambassador(service.URL))
	p.run()
	clients := startLoad(t, 2, p.url("/"), mustBeOK)
	for name, row := range map[string]struct{ value, problem string }{
		"empty":           {"", "empty"},
		"newline":         {"\n", "empty"},
		"carriage return": {"go\rod", "invalid"},
		"line feed":       {"go\nod", "invalid"},
		"NUL":             {"good\x00", "invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			p.secret("s", map[string]string{"token": row.value})
			p.eventually("the problem is reported", func() bool {
				return p.status("ambassadors", 0, "credentials", "problems", 0, "problem") == row.problem
			})
			if p.status("ambassadors", 0, "credentials", "problems", 0, "kept") != true || p.adminStatus("/readyz") != http.StatusOK {
				t.Error("the last good value is not in use")
			}
			p.secret("s", map[string]string{"token": "good"})
			p.eventually("the problem is gone", func() bool {
				return p.status("ambassadors", 0, "credentials", "problems") == nil
			})
		})
	}
	clients.finish()
}

func TestMissingCredentialIsRefusedUntilItComes(t *testing.T) {
	service := newUpstream(t, "abc")
	p := newPod(t)
	p.serve(p.ambassador(service.URL))
	p.run()
	refused := func() {
		t.Helper()
		mustRefuse(t, p, "credential-missing")
		var body struct {
			Missing []map[string]string `json:"missing"`
		}
		if err := json.Unmarshal([]byte(p.adminPage("/readyz")), &body); err != nil {
			t.Fatal(err)
		}
		if m := body.Missing; len(m) != 1 || m[0]["ambassador"] != "service" || m[0]["secret"] != "s" || m[0]["key"] != "token" || m[0]["problem"] != "missing" {
			t.Errorf("missing: %v", m)
		}
	}
	refused()
	if p.adminStatus("/readyz") != http.StatusServiceUnavailable {
		t.Error("ready")
	}
	for range 3 {
		p.secret("s", map[string]string{"token": "abc"})
		p.eventually("it is ready", func() bool { return p.adminStatus("/readyz") == http.StatusOK })
		if a := get(t, p.url("/")); a.status != http.StatusOK {
			t.Errorf("%d %s", a.status, a.body)
		}
		p.secret("s", nil)
		p.eventually("it is not ready", func() bool { return p.adminStatus("/readyz") == http.StatusServiceUnavailable })
		refused()
	}
}

// mustRefuse checks that a request is answered by the sidecar itself, with that error.
func mustRefuse(t *testing.T, p *pod, code string) {
	t.Helper()
	a := get(t, p.url("/"))
	var problem struct{ Type string }
	if err := json.Unmarshal([]byte(a.body), &problem); err != nil {
		t.Errorf("%q: %v", a.body, err)
	}
	if a.status != http.StatusServiceUnavailable || a.header.Get("Ambassador-Error") != code ||
		a.header.Get("Content-Type") != "application/problem+json" || !strings.HasSuffix(problem.Type, "/"+code) {
		t.Errorf("%d %v %s", a.status, a.header, a.body)
	}
}

func TestSecretThatIsBoundElsewhereIsNotSpent(t *testing.T) {
	service := newUpstream(t, "abc")
	p := newPod(t)
	p.secret("s", map[string]string{"token": "abc", "allowed-upstreams": "https://api.example.com\n"})
	p.serve(p.ambassador(service.URL))
	p.run()
	mustRefuse(t, p, "upstream-not-allowed")
	if p.adminStatus("/readyz") != http.StatusServiceUnavailable || service.seen() != "" {
		t.Error("the sidecar is ready, or has spent the token")
	}
	p.secret("s", map[string]string{"token": "abc", "allowed-upstreams": service.URL})
	p.eventually("it is ready", func() bool { return p.adminStatus("/readyz") == http.StatusOK })
	if a := get(t, p.url("/")); a.status != http.StatusOK {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestCredentialIsShownNowhere(t *testing.T) {
	const secret = "hunter2-hunter2"
	service := newUpstream(t)
	p := newPod(t)
	p.secret("s", map[string]string{"token": secret, "apikey": secret})
	a := p.ambassador(service.URL)
	a.Credentials = append(a.Credentials, config.Credential{Secret: "s", Query: &config.QueryCredential{Name: "api_key", Key: "apikey"}})
	document := config.Document{Version: config.Version, AccessLog: config.AccessLogAll, LogLevel: config.LogDebug, Ambassadors: []config.Ambassador{a}}
	data, err := document.Encode()
	if err != nil {
		t.Fatal(err)
	}
	p.configure(string(data))
	p.run()
	get(t, p.url("/a?api_key=mine"))
	service.Close()
	get(t, p.url("/b"))
	p.secret("s", map[string]string{"token": secret + "\r", "apikey": secret})
	p.eventually("the problem is reported", func() bool {
		return p.status("ambassadors", 0, "credentials", "problems") != nil
	})
	for _, text := range []string{p.log.String(), p.adminPage("/metrics"), p.adminPage("/status"), p.adminPage("/readyz")} {
		if strings.Contains(text, secret) {
			t.Errorf("shown: %s", text)
		}
	}
}
