package rig

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ambassador-operator/ambassador-operator/test/bench/internal/wire"
)

const size = 200 << 10 // several reads, several writes, several TLS records

// relay is a proxy that may damage what it forwards.
type relay struct {
	dial             func() (net.Conn, error)
	request, respond func([]byte) []byte
}

func (r relay) listen(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go r.carry(client)
		}
	}()
	return listener.Addr().(*net.TCPAddr).Port
}

func (r relay) carry(client net.Conn) {
	upstream, err := r.dial()
	if err != nil {
		client.Close()
		return
	}
	go func() { copyThrough(upstream, client, r.request) }()
	copyThrough(client, upstream, r.respond)
}

func copyThrough(to, from net.Conn, change func([]byte) []byte) {
	defer to.Close()
	p := make([]byte, 32<<10)
	for {
		n, err := from.Read(p)
		if err != nil {
			return
		}
		if _, err := to.Write(change(p[:n])); err != nil {
			return
		}
	}
}

func asIs(p []byte) []byte { return p }

// rig is a loop with one upstream.
func newRig(t *testing.T, config *tls.Config) (*Loop, *wire.Script, *Upstream) {
	t.Helper()
	loop, err := NewLoop()
	if err != nil {
		t.Fatal(err)
	}
	script := wire.NewScript(Light, size)
	upstream, err := loop.Listen(script, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(upstream.Close(), loop.Close()); err != nil {
			t.Error(err)
		}
	})
	return loop, script, upstream
}

func plainTo(u *Upstream) func() (net.Conn, error) {
	return func() (net.Conn, error) {
		return net.DialTCP("tcp4", nil, u.listener.Addr().(*net.TCPAddr))
	}
}

func TestAnswersArriveWholeAndAreCounted(t *testing.T) {
	server := httptest.NewUnstartedServer(nil)
	server.StartTLS()
	certificates := server.TLS.Certificates
	server.Close()
	for _, c := range []struct {
		name   string
		config *tls.Config
	}{
		{"plain", nil},
		{"TLS", &tls.Config{MinVersion: tls.VersionTLS13, Certificates: certificates}},
	} {
		t.Run(c.name, func(t *testing.T) {
			loop, script, upstream := newRig(t, c.config)
			dial := plainTo(upstream)
			if c.config != nil {
				plain := dial
				dial = func() (net.Conn, error) {
					conn, err := plain()
					return tls.Client(conn, &tls.Config{InsecureSkipVerify: true}), err
				}
			}
			port := relay{dial, asIs, asIs}.listen(t)
			marks := 0
			result, err := loop.Measure(Load{Script: script, Port: port, Size: size, Connections: 40, Final: true},
				0, 100*time.Millisecond, func() error { marks++; return nil })
			if err != nil {
				t.Fatal(err)
			}
			if result.Requests == 0 || result.Bytes < (result.Requests-40)*size || uint64(result.Requests) != result.Latency.Count() || marks != 2 {
				t.Errorf("%d requests, %d bytes, %d latencies, %d marks", result.Requests, result.Bytes, result.Latency.Count(), marks)
			}
		})
	}
}

func TestClientsThatAskOnceAreAllServedOnceAndNothingElseCounts(t *testing.T) {
	loop, script, upstream := newRig(t, nil)
	port := relay{plainTo(upstream), asIs, asIs}.listen(t)
	result, err := loop.Measure(Load{Script: script, Port: port, Size: size, Connections: 40, Final: true, Once: true},
		10*time.Millisecond, time.Nanosecond, func() error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	if result.Requests != 40 || result.Bytes != 40*size || result.Latency.Count() != 40 {
		t.Errorf("%d requests, %d bytes, %d latencies", result.Requests, result.Bytes, result.Latency.Count())
	}
}

func TestAnythingWrongEndsTheMeasurement(t *testing.T) {
	cases := []struct {
		name             string
		request, respond func([]byte) []byte
		want             string
	}{
		{"nothing attached", func(p []byte) []byte { return bytes.Replace(p, []byte("&api_key="), []byte("&apikey="), 1) }, asIs, wire.ErrQuery.Error()},
		{"another's answer", asIs, func(p []byte) []byte { return bytes.Replace(p, []byte("X-Variant: "), []byte("X-Variant: 1"), 1) }, wire.ErrVariant.Error()},
		{"one byte of the body", asIs, func(p []byte) []byte { p[len(p)-1] ^= 1; return p }, "the body differs"},
		{"a byte too many", asIs, func(p []byte) []byte { return append(p, 'x') }, "the body differs"},
		{"a second answer unasked", asIs, func(p []byte) []byte { return append(p, p...) }, "the body differs"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			loop, script, upstream := newRig(t, nil)
			port := relay{plainTo(upstream), c.request, c.respond}.listen(t)
			_, err := loop.Measure(Load{Script: script, Port: port, Size: size, Connections: 3, Final: true},
				0, 10*time.Second, func() error { return nil })
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want something about %q", err, c.want)
			}
		})
	}
}

func TestAClosedConnectionEndsTheMeasurement(t *testing.T) {
	loop, script, _ := newRig(t, nil)
	port := relay{func() (net.Conn, error) { return nil, io.EOF }, asIs, asIs}.listen(t)
	_, err := loop.Measure(Load{Script: script, Port: port, Size: size, Connections: 1}, 0, time.Second, func() error { return nil })
	if err == nil || !strings.Contains(err.Error(), "closed the connection") {
		t.Errorf("got %v", err)
	}
}

func TestIdleClientsStayConnectedWhileLookedAt(t *testing.T) {
	loop, script, upstream := newRig(t, nil)
	open := 0
	err := loop.Idle(Load{Script: script, Port: upstream.Port(), Size: size, Connections: 300, Final: true}, 0, func() error {
		upstream.mu.Lock()
		defer upstream.mu.Unlock()
		open = len(upstream.conns)
		return nil
	})
	if err != nil || open != 300 {
		t.Errorf("%d connections open, %v", open, err)
	}
}
