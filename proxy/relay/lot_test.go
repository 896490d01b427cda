package relay_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
)

// TestIdleConnectionsNeedNoGoroutine shows that clients that idle are parked, and served again at once when they ask.
func TestIdleConnectionsNeedNoGoroutine(t *testing.T) {
	wantNoLeak(t)
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") }))
	defer service.Close()
	a := start(t, service.URL)
	const count = 300
	clients := make([]*idler, count)
	for i := range clients {
		clients[i] = newIdler(t, a)
		clients[i].ask(t)
	}
	for range 3 {
		eventually(t, "the connections are parked", func() bool { return runtime.NumGoroutine() < count/2 })
		for _, each := range clients {
			each.ask(t)
		}
	}
	eventually(t, "the connections are parked again", func() bool { return runtime.NumGoroutine() < count/2 })
	for _, each := range clients[:100] {
		each.Close()
	}
	eventually(t, "parked connections that the client closed are gone", func() bool { return a.server.Connections() == count-100 })
}

// idler is a client that keeps its connection.
type idler struct {
	net.Conn
	answers *bufio.Reader
}

func newIdler(t *testing.T, a *ambassador) *idler {
	t.Helper()
	c, err := net.Dial("tcp", a.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return &idler{c, bufio.NewReader(c)}
}

func (i *idler) ask(t *testing.T) {
	t.Helper()
	fmt.Fprint(i, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	response, err := http.ReadResponse(i.answers, nil)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(response.Body); err != nil || string(body) != "hello" {
		t.Fatalf("got %q, %v", body, err)
	}
}
