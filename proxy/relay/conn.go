package relay

import (
	"context"
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/internal/socket"
	"github.com/ambassador-operator/ambassador-operator/proxy/upstream"
)

// conn is a client's connection. It is small, as thousands may idle: all else is lent while a request is in flight.
type conn struct {
	server   *Server
	tcp      *net.TCPConn
	raw      syscall.RawConn
	readable func(fd uintptr) bool // c.tryRead, bound once
	exchange *exchange             // nil while idle
	place    int                   // in server.conns

	// What the watcher reads.
	wait   wait // of the goroutine that serves
	upload wait // of the one that sends a request's content
	up     atomic.Pointer[upstream.Conn]
	cancel atomic.Pointer[context.CancelFunc] // of a dial
	gap    atomic.Int64                       // the longest silence allowed in content
	gone   atomic.Bool                        // the client is not there any more

	// The watcher's own.
	finishedIn    int64 // the wait in which the client was seen to have closed its direction
	finishedLooks int
}

func newConn(s *Server, tcp *net.TCPConn) (*conn, error) {
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil, err
	}
	c := &conn{server: s, tcp: tcp, raw: raw}
	c.readable = c.tryRead
	return c, nil
}

// serve answers requests, one after the other, until the connection ends.
func (c *conn) serve() {
	defer c.server.forget(c)
	for c.rest() {
		x := c.exchange
		for x.serve() && !x.in.isEmpty() {
		}
		ended := x.ended
		c.exchange = nil
		x.release()
		if ended {
			return
		}
	}
	c.tcp.Close()
}

// rest waits for the next request without holding a buffer. It reports whether something of one has come.
func (c *conn) rest() bool {
	c.wait.begin(idling, now()+c.server.idleTimeout)
	if c.server.draining.Load() {
		return false
	}
	err := c.raw.Read(c.readable)
	return err == nil && c.exchange != nil
}

// tryRead lends the connection an exchange and takes it back when there is nothing to read.
func (c *conn) tryRead(fd uintptr) (done bool) {
	x := borrow()
	n, again, err := socket.Read(fd, x.in.room)
	if again || n == 0 || err != nil {
		x.giveBack()
		return !again
	}
	x.conn, x.in.end = c, n
	c.exchange = x
	return true
}

// past is a deadline that has passed.
var past = time.Unix(1, 0)

// interrupt makes what is waited for in a phase fail.
func (c *conn) interrupt(p phase, up *upstream.Conn, cancel *context.CancelFunc) {
	switch p {
	case idling, receiving:
		_ = c.tcp.SetReadDeadline(past)
		return
	case sending: // the goroutine that waits for the answer is told by the one that sends
		_ = c.tcp.SetReadDeadline(past)
		if up != nil {
			up.InterruptWrite()
		}
		return
	case answering, tunnelling:
		_ = c.tcp.SetDeadline(past)
	}
	if up != nil {
		up.Interrupt()
	}
	if cancel != nil {
		(*cancel)()
	}
}

// lastMoved returns when bytes last came that a phase waits for, if that is less than the allowed gap ago; else 0.
func (c *conn) lastMoved(p phase, now time.Duration) time.Duration {
	quiet := time.Duration(c.gap.Load())
	up := c.up.Load()
	if p == sending || p == tunnelling {
		quiet = min(quiet, socket.Quiet(c.raw))
	}
	if (p == answering || p == tunnelling) && up != nil {
		quiet = min(quiet, up.Quiet())
	}
	if quiet >= time.Duration(c.gap.Load()) {
		return 0
	}
	return now - quiet
}

// cut ends the connection such that the client can not take what it has for the whole.
func (c *conn) cut() {
	_ = c.tcp.SetLinger(0)
	c.tcp.Close()
}

const (
	// lingerTime and lingerBytes bound what is read of a client after the last answer.
	lingerTime  = time.Second
	lingerBytes = 256 << 10
)

// linger closes a connection on which the client may still be sending: closed at once, the reset would take the
// answer away before the client has read it (RFC 9112 section 9.6).
func (c *conn) linger(room []byte) {
	_ = c.tcp.CloseWrite()
	_ = c.tcp.SetReadDeadline(time.Now().Add(lingerTime))
	for total := 0; total < lingerBytes; {
		n, err := c.tcp.Read(room)
		if err != nil {
			break
		}
		total += n
	}
	c.tcp.Close()
}
