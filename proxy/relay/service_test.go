package relay_test

import (
	"bufio"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"
)

// serveHTTP is a service that speaks HTTP as net/http does.
func serveHTTP(tb testing.TB, handler http.HandlerFunc) *httptest.Server {
	tb.Helper()
	server := httptest.NewServer(handler)
	tb.Cleanup(server.Close)
	return server
}

// peer is the service's end of a connection, in a script.
type peer struct {
	*net.TCPConn
	reader *bufio.Reader
	number int           // of the connection, from 1
	seen   chan struct{} // by which a test tells a script to go on; nil where it does not
}

// script is a service that plays a script on every connection, and then closes it.
func script(tb testing.TB, play func(p *peer)) (url string) {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for number := 1; ; number++ {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer conn.Close()
				_ = conn.SetDeadline(time.Now().Add(patience))
				play(&peer{conn.(*net.TCPConn), bufio.NewReader(conn), number, nil})
			})
		}
	})
	tb.Cleanup(func() {
		listener.Close()
		running.Wait()
	})
	return "http://" + listener.Addr().String()
}

// request reads a request with its content; nil at the end of the connection.
func (p *peer) request() *http.Request {
	r, err := http.ReadRequest(p.reader)
	if err != nil {
		return nil
	}
	_, _ = io.Copy(io.Discard, r.Body)
	return r
}

func (p *peer) write(text string) { _, _ = io.WriteString(p, text) }

// reset closes the connection so that the other end sees a reset.
func (p *peer) reset() {
	_ = p.SetLinger(0)
	p.Close()
}

// untilClosed waits for the other end to close.
func (p *peer) untilClosed() { _, _ = io.Copy(io.Discard, p.reader) }

func itoa(n int) string { return strconv.Itoa(n) }

// newTLSService is a service whose certificate is signed by nobody that is known.
func newTLSService(t *testing.T) (url string) {
	t.Helper()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}
