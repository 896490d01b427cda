package relay_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

func TestASwapLeavesConnectionsAndRequestsAlone(t *testing.T) {
	wantNoLeak(t)
	asked, proceed := make(chan struct{}, 1), make(chan struct{})
	a := start(t, script(t, func(p *peer) {
		for p.request() != nil {
			asked <- struct{}{}
			<-proceed
			p.write("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nold")
		}
	}))
	c := dial(t, a)
	c.send(get)
	<-asked
	next := a.setup
	next.config.Upstream.URL = parrot(t, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nnew")
	a.server.Swap(next.newPort(t))
	close(proceed)
	if got := c.read("GET"); got.body != "old" {
		t.Errorf("the request in flight got %+v", got)
	}
	if got := c.do(get); got.body != "new" {
		t.Errorf("the next request on the same connection got %+v", got)
	}
}

func TestAShutdownFinishesWhatIsInFlight(t *testing.T) {
	wantNoLeak(t)
	asked, proceed := make(chan struct{}, 1), make(chan struct{})
	a := start(t, script(t, func(p *peer) {
		p.request()
		asked <- struct{}{}
		<-proceed
		p.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		p.untilClosed()
	}))
	idle, busy := dial(t, a), dial(t, a)
	busy.send(get)
	<-asked
	ended := make(chan error, 1)
	go func() { ended <- a.server.Shutdown(context.Background()) }()
	idle.wantClosed()
	close(proceed)
	if got := busy.read("GET"); got.body != "ok" {
		t.Errorf("%+v", got)
	}
	busy.wantClosed()
	if err := <-ended; err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}

func TestAShutdownCutsWhatTakesTooLong(t *testing.T) {
	wantNoLeak(t)
	asked := make(chan struct{}, 1)
	a := start(t, script(t, func(p *peer) {
		p.request()
		asked <- struct{}{}
		p.untilClosed()
	}))
	c := dial(t, a)
	c.send(get)
	<-asked
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := a.server.Shutdown(ctx); err != context.DeadlineExceeded {
		t.Errorf("Shutdown: %v", err)
	}
	c.wantClosed()
}

func TestARefusedCredentialIsReadAgain(t *testing.T) {
	a := start(t, script(t, func(p *peer) {
		for r := p.request(); r != nil; r = p.request() {
			if r.Header.Get("Authorization") == "Bearer fresh" {
				p.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
			} else {
				p.write("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno")
			}
		}
	}))
	c := dial(t, a)
	if got := c.do(get); got.status != 401 || got.body != "no" {
		t.Fatalf("with nothing new: %+v", got)
	}
	write(t, filepath.Join(a.folder, "service", "key"), "fresh")
	eventually(t, "the new credential is read after a 401", func() bool {
		got := c.do("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")
		return got.status == 200 && got.body == "ok"
	})
}

func TestWithoutItsCredentialNoRequestIsForwarded(t *testing.T) {
	a := start(t, script(t, func(p *peer) { p.request(); t.Error("a request was forwarded") }), func(s *setup) {
		if err := os.Remove(filepath.Join(s.upstream.Folder, "service", "key")); err != nil {
			t.Fatal(err)
		}
	})
	c := dial(t, a)
	for range 2 {
		c.do(get).wantProblem(t, 503, "credential-missing")
	}
}

func TestOnlyRoutesAreAnswered(t *testing.T) {
	a := start(t, parrot(t, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), func(s *setup) {
		s.config.Routes = []config.Route{{Path: "/movies", Methods: []string{"GET"}}}
	})
	c := dial(t, a)
	c.do("GET /tv HTTP/1.1\r\nHost: a\r\n\r\n").wantProblem(t, 404, "not-found")
	c.do("GET /movies/%2e%2e/tv HTTP/1.1\r\nHost: a\r\n\r\n").wantProblem(t, 400, "unsafe-path")
	c.do("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").wantProblem(t, 404, "not-found")
	got := c.do("DELETE /movies HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")
	got.wantProblem(t, 405, "method-not-allowed")
	if allow := got.header.Get("Allow"); allow != "GET, HEAD" {
		t.Errorf("Allow %q", allow)
	}
	if got := c.do(get); got.body != "ok" {
		t.Errorf("on the same connection: %+v", got)
	}
}

func TestTheClientCanNotSendTheCredentialsFields(t *testing.T) {
	seen := make(chan *http.Request, 1)
	a := start(t, script(t, func(p *peer) {
		for r := p.request(); r != nil; r = p.request() {
			seen <- r
			p.write("HTTP/1.1 204 No Content\r\n\r\n")
		}
	}), func(s *setup) {
		s.config.Credentials[0] = config.Credential{Secret: "service", Header: &config.HeaderCredential{Name: "X-Api-Key", Key: "key"}}
	})
	dial(t, a).do("GET /x?API.key=1&%61pi_key=2&a=b HTTP/1.1\r\nHost: evil\r\nX-API-Key: 1\r\nx_api_key: 2\r\nX_Api-KEY: 3\r\nAuthorization: mine\r\n" +
		"Connection: X-Hop, Authorization-Like\r\nX-Hop: 1\r\nX-Stay: 1\r\nProxy-Connection: keep-alive\r\nKeep-Alive: 5\r\n\r\n")
	r := <-seen
	if got := r.Header["X-Api-Key"]; len(got) != 1 || got[0] != "s3cret" {
		t.Errorf("X-Api-Key %q", got)
	}
	for _, name := range []string{"X_api_key", "X_api-Key", "X_Api-Key", "X-Hop", "Connection", "Proxy-Connection", "Keep-Alive", "Via", "X-Forwarded-For"} {
		if got, found := r.Header[name]; found {
			t.Errorf("%s: %q was forwarded", name, got)
		}
	}
	if r.Header.Get("Authorization") != "mine" || r.Header.Get("X-Stay") != "1" || r.Host == "evil" {
		t.Errorf("Host %q, fields %v", r.Host, r.Header)
	}
	if got := r.URL.RequestURI(); got != "/x?a=b&api_key=s3cret" {
		t.Errorf("target %q", got)
	}
}

func TestTheAccessLogHoldsNoQueryAndNoCredential(t *testing.T) {
	var log bytes.Buffer
	a := start(t, parrot(t, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), func(s *setup) {
		s.service.AccessLog = config.AccessLogAll
		s.service.Logger = slog.New(slog.NewJSONHandler(&log, nil))
	})
	c := dial(t, a)
	c.do("GET /movies?token=hidden HTTP/1.1\r\nHost: a\r\n\r\n")
	c.do("GET /../x?token=hidden HTTP/1.1\r\nHost: a\r\n\r\n")
	c.Close()
	eventually(t, "the connection ends", func() bool { return a.server.Connections() == 0 })
	text := log.String()
	if strings.Contains(text, "hidden") || strings.Contains(text, "s3cret") {
		t.Errorf("the log has what it must not:\n%s", text)
	}
	for _, want := range []string{`"path":"/movies"`, `"status":200`, `"method":"GET"`, `"route":"/"`, `"problem":"unsafe-path"`, `"ambassador":"test"`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in:\n%s", want, text)
		}
	}
}

// nobody resolves no name; sleepy takes until it is given up.
type (
	nobody struct{}
	sleepy struct{}
)

func (nobody) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) { return nil, io.EOF }

func (sleepy) LookupNetIP(ctx context.Context, _, _ string) ([]netip.Addr, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestWhatKeepsTheServiceAwayGivesAProblem(t *testing.T) {
	tlsServer := newTLSService(t)
	for _, fault := range []struct {
		name   string
		url    string
		change func(*setup)
		status int
		code   string
	}{
		{"no such name", "http://nowhere.test", func(s *setup) { s.upstream.Resolver = nobody{} }, 502, "upstream-unresolved"},
		{"a slow resolver", "http://slow.test", func(s *setup) { s.upstream.Resolver = sleepy{}; shortTimeouts(s) }, 504, "upstream-timeout"},
		{"a denied address", "http://127.0.0.1:1", func(s *setup) { s.config.Upstream.DenyCIDRs = []string{"127.0.0.0/8"} }, 502, "upstream-refused-address"},
		{"a certificate nobody knows", tlsServer, func(s *setup) {}, 502, "upstream-tls"},
	} {
		t.Run(fault.name, func(t *testing.T) {
			wantNoLeak(t)
			a := start(t, fault.url, fault.change)
			c := dial(t, a)
			c.do(get).wantProblem(t, fault.status, fault.code)
			a.wantFailure(t, fault.code)
			a.config.Upstream.DenyCIDRs = nil
			a.wantAlive(t)
		})
	}
}

func TestAClientThatGoesEndsTheDial(t *testing.T) {
	wantNoLeak(t)
	a := start(t, "http://slow.test", func(s *setup) { s.upstream.Resolver = sleepy{} })
	wantWithinASecond(t, func() time.Duration {
		c := dial(t, a)
		c.send(get)
		c.Close()
		began := time.Now()
		eventually(t, "the connection ends", func() bool { return a.server.Connections() == 0 })
		return time.Since(began)
	})
}
