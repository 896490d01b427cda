package upstream_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
	"github.com/ambassador-operator/ambassador-operator/proxy/upstream"
)

// listen serves connections until the test ends.
func listen(t *testing.T, address string, serve func(net.Conn)) *net.TCPAddr {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn)
			}()
		}
	}()
	return listener.Addr().(*net.TCPAddr)
}

// echo sends back what it reads.
func echo(conn net.Conn) { _, _ = io.Copy(conn, conn) }

func hold(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

// names is a resolver with a fixed answer for each name.
type names map[string][]string

func (n names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	var found []netip.Addr
	for _, address := range n[host] {
		found = append(found, netip.MustParseAddr(address))
	}
	if found == nil {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return found, nil
}

func endpoint(t *testing.T, u config.Upstream, options upstream.Options) *upstream.Endpoint {
	t.Helper()
	e, err := upstream.New(&u, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

func plain(t *testing.T, address *net.TCPAddr) *upstream.Endpoint {
	t.Helper()
	return endpoint(t, config.Upstream{URL: "http://" + address.String(), DenyCIDRs: []string{}}, upstream.Options{})
}

func mustDial(t *testing.T, e *upstream.Endpoint) *upstream.Conn {
	t.Helper()
	c, err := e.Dial(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// room is always there to be read into.
type room []byte

func (r room) Lend() []byte { return r }

func (r room) TakeBack() {}

func ask(t *testing.T, c *upstream.Conn, request string) string {
	t.Helper()
	room := make(room, 100)
	n, err := c.Ask([]byte(request), room)
	if err != nil {
		t.Fatalf("Ask: %v", err)
	}
	return string(room[:n])
}

func TestTheNewestConnectionIsTakenFirst(t *testing.T) {
	e := plain(t, listen(t, "127.0.0.1:0", echo))
	first, second := mustDial(t, e), mustDial(t, e)
	if first.Reused() {
		t.Error("a new connection counts as reused")
	}
	e.Put(first)
	e.Put(second)
	if got := e.Take(); got != second || !got.Reused() {
		t.Error("the newest is not taken first")
	}
	if got := e.TakeClean(); got != first {
		t.Error("the other one is not taken next")
	}
	if e.Take() != nil {
		t.Error("an empty pool gave a connection")
	}
}

func TestAStaleConnectionIsNotAskedAnything(t *testing.T) {
	for _, stale := range []struct {
		name  string
		spoil func(net.Conn)
	}{
		{"closed", func(c net.Conn) { c.Close() }},
		{"reset", func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0); c.Close() }},
		{"spoken to", func(c net.Conn) { _, _ = io.WriteString(c, "unasked") }},
	} {
		t.Run(stale.name, func(t *testing.T) {
			accepted := make(chan net.Conn, 1)
			done := make(chan struct{})
			e := plain(t, listen(t, "127.0.0.1:0", func(c net.Conn) { accepted <- c; <-done }))
			defer close(done)
			for _, clean := range []bool{false, true} {
				e.Put(mustDial(t, e))
				server := <-accepted
				stale.spoil(server)
				if clean {
					// What the service did has arrived: loopback delivers before the call returns.
					if c := e.TakeClean(); c != nil {
						t.Error("TakeClean gave it away")
					}
					continue
				}
				if _, err := e.Take().Ask([]byte("x"), make(room, 10)); !errors.Is(err, upstream.ErrStale) {
					t.Errorf("Ask: %v, want ErrStale", err)
				}
			}
		})
	}
}

func TestAFullOrClosedPoolClosesWhatItIsGiven(t *testing.T) {
	ended := make(chan struct{}, 1000)
	e := plain(t, listen(t, "127.0.0.1:0", func(c net.Conn) { hold(c); ended <- struct{}{} }))
	var conns []*upstream.Conn
	for range 300 {
		conns = append(conns, mustDial(t, e))
	}
	last := conns[299]
	for _, c := range conns[:299] {
		e.Put(c)
	}
	if got := e.Idle(); got != 256 {
		t.Errorf("%d connections are kept, want 256", got)
	}
	e.Close()
	e.Put(last)
	for range 300 {
		<-ended
	}
}

func TestEveryAddressIsTried(t *testing.T) {
	address := listen(t, "127.0.0.1:0", echo)
	// 127.0.0.2 refuses; 192.0.2.1 (RFC 5737) never answers, or is unreachable at once.
	for _, order := range [][]string{{"127.0.0.2", "127.0.0.1"}, {"192.0.2.1", "127.0.0.1"}, {"::1", "127.0.0.2", "127.0.0.1"}} {
		e := endpoint(t, config.Upstream{URL: "http://service.test:" + port(address), DenyCIDRs: []string{}},
			upstream.Options{Resolver: names{"service.test": order}})
		if got := ask(t, mustDial(t, e), "hello"); got != "hello" {
			t.Errorf("%v: %q", order, got)
		}
	}
}

func port(a *net.TCPAddr) string {
	_, p, _ := net.SplitHostPort(a.String())
	return p
}

func TestDeniedAddressesAreNotDialled(t *testing.T) {
	address := listen(t, "127.0.0.1:0", echo)
	for _, denied := range []struct {
		ranges    []string
		addresses []string
	}{
		{[]string{"127.0.0.0/8"}, []string{"127.0.0.1"}},
		{[]string{"127.0.0.0/8"}, []string{"::ffff:127.0.0.1"}},
		{[]string{"::ffff:127.0.0.0/104"}, []string{"127.0.0.1"}},
		{[]string{"127.0.0.0/8"}, []string{"64:ff9b::7f00:1"}},
		{[]string{"127.0.0.0/8", "::/0"}, []string{"::1", "127.0.0.1"}},
		{nil, []string{"169.254.169.254", "fe80::1%eth0", "fd00:ec2::254"}},
	} {
		e := endpoint(t, config.Upstream{URL: "http://service.test:" + port(address), DenyCIDRs: denied.ranges},
			upstream.Options{Resolver: names{"service.test": denied.addresses}})
		if _, err := e.Dial(t.Context(), 0); !errors.Is(err, upstream.ErrRefusedAddress) {
			t.Errorf("%v with %v denied: %v", denied.addresses, denied.ranges, err)
		}
	}
	e := endpoint(t, config.Upstream{URL: "http://service.test:" + port(address), DenyCIDRs: []string{"10.0.0.0/8"}},
		upstream.Options{Resolver: names{"service.test": {"10.0.0.1", "127.0.0.1"}}})
	if got := ask(t, mustDial(t, e), "hello"); got != "hello" {
		t.Errorf("the address that is allowed: %q", got)
	}
}

func TestNamesThatDoNotResolve(t *testing.T) {
	e := endpoint(t, config.Upstream{URL: "http://nowhere.test"}, upstream.Options{Resolver: names{}})
	if _, err := e.Dial(t.Context(), 0); !errors.Is(err, upstream.ErrUnresolved) {
		t.Errorf("%v", err)
	}
}

// slow resolves nothing until it is given up.
type slow struct{}

func (slow) LookupNetIP(ctx context.Context, _, _ string) ([]netip.Addr, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestTheConnectTimeoutBoundsNamesAndTLS(t *testing.T) {
	silent := listen(t, "127.0.0.1:0", hold)
	timeouts := config.Timeouts{Connect: config.Duration(50 * time.Millisecond)}
	for name, e := range map[string]*upstream.Endpoint{
		"a slow resolver":       endpoint(t, config.Upstream{URL: "http://slow.test", Timeouts: timeouts}, upstream.Options{Resolver: slow{}}),
		"a silent TLS server":   endpoint(t, config.Upstream{URL: "https://" + silent.String(), Timeouts: timeouts}, upstream.Options{}),
		"an address in silence": endpoint(t, config.Upstream{URL: "http://192.0.2.1", Timeouts: timeouts}, upstream.Options{}),
	} {
		_, err := e.Dial(t.Context(), 0)
		if !errors.Is(err, upstream.ErrTimeout) && !errors.Is(err, upstream.ErrUnreachable) {
			t.Errorf("%s: %v, want ErrTimeout", name, err)
		}
	}
}

func TestANameIsResolvedAtEveryDial(t *testing.T) {
	address := listen(t, "127.0.0.1:0", echo)
	var current atomic.Pointer[names]
	current.Store(&names{"service.test": {"127.0.0.2"}})
	e := endpoint(t, config.Upstream{URL: "http://service.test:" + port(address), DenyCIDRs: []string{}}, upstream.Options{Resolver: changing{&current}})
	if _, err := e.Dial(t.Context(), 0); !errors.Is(err, upstream.ErrUnreachable) {
		t.Fatalf("%v, want ErrUnreachable", err)
	}
	current.Store(&names{"service.test": {"127.0.0.1"}})
	if got := ask(t, mustDial(t, e), "hello"); got != "hello" {
		t.Errorf("%q", got)
	}
}

type changing struct{ current *atomic.Pointer[names] }

func (c changing) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	return c.current.Load().LookupNetIP(ctx, network, host)
}

// secure serves TLS with one certificate, and echoes.
func secure(t *testing.T, settings *tls.Config) *net.TCPAddr {
	t.Helper()
	return listen(t, "127.0.0.1:0", func(conn net.Conn) { echo(tls.Server(conn, settings)) })
}

func TestCertificatesAreVerified(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	good := ca.issue(t, "service.test", time.Hour)
	for _, c := range []struct {
		name     string
		server   *tls.Config
		tls      config.TLS
		accepted bool
	}{
		{"a good one", &tls.Config{Certificates: []tls.Certificate{good}}, config.TLS{}, true},
		{"TLS 1.2", &tls.Config{Certificates: []tls.Certificate{good}, MaxVersion: tls.VersionTLS12}, config.TLS{}, true},
		{"TLS 1.2 where 1.3 is asked for", &tls.Config{Certificates: []tls.Certificate{good}, MaxVersion: tls.VersionTLS12}, config.TLS{MinVersion: "1.3"}, false},
		{"TLS 1.0 alone", &tls.Config{Certificates: []tls.Certificate{good}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10}, config.TLS{}, false},
		{"expired", &tls.Config{Certificates: []tls.Certificate{ca.issue(t, "service.test", -time.Hour)}}, config.TLS{}, false},
		{"for another host", &tls.Config{Certificates: []tls.Certificate{ca.issue(t, "other.test", time.Hour)}}, config.TLS{}, false},
		{"for the server name given", &tls.Config{Certificates: []tls.Certificate{ca.issue(t, "other.test", time.Hour)}}, config.TLS{ServerName: "other.test"}, true},
		{"of an unknown authority", &tls.Config{Certificates: []tls.Certificate{other.issue(t, "service.test", time.Hour)}}, config.TLS{}, false},
		{"self-signed", &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{other.certificate.Raw}, PrivateKey: other.key}}}, config.TLS{}, false},
		{"of an unknown authority, unverified", &tls.Config{Certificates: []tls.Certificate{other.issue(t, "service.test", time.Hour)}}, config.TLS{InsecureSkipVerify: true}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder := t.TempDir()
			write(t, filepath.Join(folder, "roots", "ca.pem"), ca.pem)
			c.tls.CA = &config.FileRef{Secret: "roots", Key: "ca.pem"}
			e := endpoint(t, config.Upstream{URL: "https://service.test:" + port(secure(t, c.server)), TLS: &c.tls, DenyCIDRs: []string{}},
				upstream.Options{Folder: folder, Resolver: names{"service.test": {"127.0.0.1"}}})
			conn, err := e.Dial(t.Context(), 0)
			if !c.accepted {
				if !errors.Is(err, upstream.ErrTLS) {
					t.Errorf("%v, want ErrTLS", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			for range 3 {
				if got := ask(t, conn, "hello"); got != "hello" {
					t.Fatalf("%q", got)
				}
				e.Put(conn)
				if e.TakeClean() != conn {
					t.Fatal("a connection that is good is not given again")
				}
			}
			if conn.TCP() != nil {
				t.Error("the transport can be reached past TLS")
			}
		})
	}
}

func TestAStaleTLSConnectionIsNotAskedAnything(t *testing.T) {
	ca := newAuthority(t)
	spoilt := make(chan struct{})
	turn := make(chan func(*tls.Conn))
	settings := &tls.Config{Certificates: []tls.Certificate{ca.issue(t, "service.test", time.Hour)}}
	address := listen(t, "127.0.0.1:0", func(conn net.Conn) {
		server := tls.Server(conn, settings)
		room := make([]byte, 100)
		n, _ := server.Read(room)
		_, _ = server.Write(room[:n])
		(<-turn)(server)
		spoilt <- struct{}{}
		hold(conn)
	})
	folder := t.TempDir()
	write(t, filepath.Join(folder, "roots", "ca.pem"), ca.pem)
	e := endpoint(t, config.Upstream{URL: "https://service.test:" + port(address), DenyCIDRs: []string{}, TLS: &config.TLS{CA: &config.FileRef{Secret: "roots", Key: "ca.pem"}}},
		upstream.Options{Folder: folder, Resolver: names{"service.test": {"127.0.0.1"}}})
	for _, spoil := range []func(*tls.Conn){
		func(c *tls.Conn) { _, _ = io.WriteString(c, "unasked") },
		func(c *tls.Conn) { _ = c.CloseWrite() },
	} {
		c := mustDial(t, e)
		if got := ask(t, c, "hello"); got != "hello" {
			t.Fatalf("%q", got)
		}
		e.Put(c)
		turn <- spoil
		<-spoilt
		if _, err := e.Take().Ask([]byte("x"), make(room, 10)); !errors.Is(err, upstream.ErrStale) {
			t.Errorf("Ask: %v, want ErrStale", err)
		}
	}
}

func TestClientCertificatesAreReadAgain(t *testing.T) {
	ca := newAuthority(t)
	seen := make(chan string, 1)
	settings := &tls.Config{Certificates: []tls.Certificate{ca.issue(t, "service.test", time.Hour)}, ClientAuth: tls.RequireAnyClientCert}
	address := listen(t, "127.0.0.1:0", func(conn net.Conn) {
		server := tls.Server(conn, settings)
		if err := server.Handshake(); err == nil {
			seen <- server.ConnectionState().PeerCertificates[0].Subject.CommonName
		}
		hold(conn)
	})
	folder := t.TempDir()
	write(t, filepath.Join(folder, "pair", "ca.pem"), ca.pem)
	var log bytes.Buffer
	e := endpoint(t, config.Upstream{
		URL: "https://service.test:" + port(address), DenyCIDRs: []string{},
		TLS: &config.TLS{CA: &config.FileRef{Secret: "pair", Key: "ca.pem"}, ClientCertificate: &config.ClientCertificate{Secret: "pair", CertificateKey: "tls.crt", PrivateKeyKey: "tls.key"}},
	}, upstream.Options{Folder: folder, Resolver: names{"service.test": {"127.0.0.1"}}, Logger: logger(&log)})
	if _, err := e.Dial(t.Context(), 0); !errors.Is(err, upstream.ErrTLS) || !strings.Contains(err.Error(), `secret "pair", key "tls.crt"`) {
		t.Errorf("without files: %v", err)
	}
	for _, name := range []string{"first", "second"} {
		chain, key := files(t, ca.issue(t, name, time.Hour))
		write(t, filepath.Join(folder, "pair", "tls.crt"), chain)
		write(t, filepath.Join(folder, "pair", "tls.key"), key)
		mustDial(t, e)
		if got := <-seen; got != name {
			t.Errorf("the service saw %q, want %q", got, name)
		}
	}
	write(t, filepath.Join(folder, "pair", "tls.crt"), "half a certif")
	for range 2 {
		mustDial(t, e)
		if got := <-seen; got != "second" {
			t.Errorf("the service saw %q, want the last good one", got)
		}
	}
	if got := strings.Count(log.String(), "can not be used"); got != 1 {
		t.Errorf("logged %d times, want once:\n%s", got, &log)
	}
}

func TestSessionsAreResumed(t *testing.T) {
	ca := newAuthority(t)
	resumed := make(chan bool, 1)
	settings := &tls.Config{Certificates: []tls.Certificate{ca.issue(t, "service.test", time.Hour)}}
	address := listen(t, "127.0.0.1:0", func(conn net.Conn) {
		server := tls.Server(conn, settings)
		if server.Handshake() == nil {
			resumed <- server.ConnectionState().DidResume
			echo(server)
		}
	})
	folder := t.TempDir()
	write(t, filepath.Join(folder, "roots", "ca.pem"), ca.pem)
	e := endpoint(t, config.Upstream{URL: "https://service.test:" + port(address), DenyCIDRs: []string{}, TLS: &config.TLS{CA: &config.FileRef{Secret: "roots", Key: "ca.pem"}}},
		upstream.Options{Folder: folder, Resolver: names{"service.test": {"127.0.0.1"}}})
	for i, want := range []bool{false, true} {
		ask(t, mustDial(t, e), "hello") // takes in the session ticket
		if got := <-resumed; got != want {
			t.Errorf("handshake %d: resumed %v", i, got)
		}
	}
}

func TestConnectsAndReuseAreCounted(t *testing.T) {
	set := metrics.NewSet()
	address := listen(t, "127.0.0.1:0", echo)
	e := endpoint(t, config.Upstream{URL: "http://" + address.String(), DenyCIDRs: []string{}}, upstream.Options{Name: "a", Metrics: set})
	e.Put(mustDial(t, e))
	e.Take()
	var text bytes.Buffer
	set.WritePrometheus(&text)
	for _, want := range []string{`ambassador_upstream_connects_total{ambassador="a"} 1`, `ambassador_upstream_reused_total{ambassador="a"} 1`} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %s in:\n%s", want, &text)
		}
	}
	if got := string(e.Host()); got != address.String() {
		t.Errorf("Host %q", got)
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
