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
	readable func(fd uintptr) bool // c.onReadable, bound once
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
	restedIn      int64 // the wait for a request in which the client was looked at
}

func newConn(s *Server, tcp *net.TCPConn) (*conn, error) {
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil, err
	}
	c := &conn{server: s, tcp: tcp, raw: raw}
	c.readable = c.onReadable
	return c, nil
}

// serve answers requests, one after the other, until the connection ends.
func (c *conn) serve() {
	defer c.server.forget(c)
	for c.rest() {
		x := c.exchange
		for x.serve() && !x.in.isEmpty() {
		}
		c.exchange = nil
		ending := x.ending
		x.release()
		if ending != stay {
			c.end(ending)
			return
		}
	}
	c.tcp.Close()
}

// rest waits for requests without holding a buffer, and serves those that are simple on the spot. It returns true when
// there is an exchange that must go on without it, and false when the connection ends.
func (c *conn) rest() bool {
	c.idle()
	if c.server.draining.Load() {
		return false
	}
	err := c.raw.Read(c.readable)
	return err == nil && c.exchange != nil
}

func (c *conn) idle() { c.wait.begin(idling, now()+c.server.idleTimeout) }

// onReadable is called when there may be something to read, and at the start of a rest. It lends the connection an exchange
// and takes it back when there is nothing to do for it any more: then it returns false, to be called again.
//
// A request that has come whole is answered right here, and so without a read in vain before the next wait: that the
// connection has become readable meanwhile is remembered within a rest. Only an end that came together with the request
// is not, as it was not read; the watcher looks for it. In here the connection can neither be read in another way nor closed.
func (c *conn) onReadable(fd uintptr) (leave bool) {
	x := borrow()
	n, again, err := socket.Read(fd, x.in.room)
	if again || n == 0 || err != nil {
		x.giveBack()
		return !again
	}
	x.conn, x.in.end = c, n
	isDrained := n < len(x.in.room)
	if isDrained && x.serveHere() {
		x.release()
		c.idle()
		return c.server.draining.Load()
	}
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

// ending is what becomes of a client's connection after an exchange.
type ending uint8

const (
	// stay: the next request may come.
	stay ending = iota
	// leave: nothing can come any more.
	leave
	// linger: the client may still be sending.
	linger
	// cut: the client must not take what it has for the whole.
	cut
)

const (
	// lingerTime and lingerBytes bound what is read of a client after the last answer.
	lingerTime  = time.Second
	lingerBytes = 256 << 10
)

// end closes the connection.
func (c *conn) end(how ending) {
	switch how {
	case linger:
		c.drain(make([]byte, 4<<10))
	case cut:
		_ = c.tcp.SetLinger(0) // a reset instead of an orderly end
	}
	c.tcp.Close()
}

// drain reads on after the last answer. Were the connection closed at once, the reset would take the answer away before
// the client has read it (RFC 9112 section 9.6).
func (c *conn) drain(room []byte) {
	_ = c.tcp.CloseWrite()
	_ = c.tcp.SetReadDeadline(time.Now().Add(lingerTime))
	for total := 0; total < lingerBytes; {
		n, err := c.tcp.Read(room)
		if err != nil {
			return
		}
		total += n
	}
}
