package relay

import (
	"context"
	"errors"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/internal/socket"
	"github.com/ambassador-operator/ambassador-operator/proxy/upstream"
)

// conn is a client's connection. It is small, as thousands may idle: all else is lent while a request is in flight.
type conn struct {
	server   *Server
	tcp      *socket.Conn
	readable func(fd uintptr) bool // c.onReadable, bound once
	exchange *exchange             // nil while idle
	place    int                   // in server.conns

	descriptor int32 // while parked
	isAlone    bool  // there is no client: what is written goes nowhere

	// What the watcher reads.
	wait   wait // of the goroutine that serves
	upload wait // of the one that sends a request's content
	up     atomic.Pointer[upstream.Conn]
	cancel atomic.Pointer[context.CancelFunc] // of a dial
	gap    atomic.Int64                       // the longest silence allowed in content
	limit  atomic.Int64                       // when the call must be over, whatever moves; 0: no limit
	gone   atomic.Bool                        // the client is not there any more

	// The watcher's own.
	finishedIn    int64 // the wait in which the client was seen to have closed its direction
	finishedLooks int
	clientTook    progress
	serviceTook   progress
}

func newConn(s *Server, tcp *net.TCPConn) (*conn, error) {
	connection, err := socket.NewConn(tcp)
	if err != nil {
		return nil, err
	}
	c := &conn{server: s, tcp: connection}
	c.readable = c.onReadable
	return c, nil
}

// serve answers requests, one after the other, until the connection ends or is parked.
func (c *conn) serve() {
	for {
		switch c.rest() {
		case parkedAway:
			return
		case over:
			c.tcp.Close()
			c.server.forget(c)
			return
		}
		if ending := c.goOn(); ending != stay {
			c.end(ending)
			c.server.forget(c)
			return
		}
	}
}

// goOn serves what a rest could not serve on the spot.
func (c *conn) goOn() ending {
	x := c.exchange
	for x.serve() && !x.in.isEmpty() {
	}
	c.exchange = nil
	ending := x.ending
	x.release()
	return ending
}

// rested is how a rest ends.
type rested uint8

const (
	// begun: there is an exchange that must go on without the rest.
	begun rested = iota
	// over: the connection ends.
	over
	// parkedAway: the connection belongs to the lot, and maybe to another goroutine already.
	parkedAway
)

// rest waits for requests without holding a buffer, and serves those that are simple on the spot. When none come for a
// while it parks the connection.
func (c *conn) rest() rested {
	c.alarm(c.server.parkAfter)
	if !c.idle() {
		return over
	}
	for !c.server.draining.Load() {
		err := c.tcp.Raw.Read(c.readable)
		if c.exchange != nil {
			c.alarm(0)
			return begun
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return over
		}
		if end, ended := c.doze(); ended {
			return end
		}
	}
	return over
}

// doze is called when the alarm has gone off or the watcher has ended the wait. It reports how the rest ends, if it does.
func (c *conn) doze() (end rested, ended bool) {
	word := c.wait.word.Load()
	if phaseOf(word) != idling {
		return over, true
	}
	began := time.Duration(word>>phaseBits) - c.server.idleTimeout
	left := began + c.server.parkAfter - now()
	if left <= 0 && c.server.lot.park(c, word) {
		return parkedAway, true
	}
	c.alarm(max(left, c.server.parkAfter/4))
	return over, c.wait.word.Load() == expired // its interrupt may have come before the alarm was set anew
}

// alarm has the next read fail after a time, so that the rest can be looked at; zero takes that back. It is left alone
// while requests follow each other.
func (c *conn) alarm(after time.Duration) {
	switch {
	case c.server.lot == nil:
	case after == 0:
		_ = c.tcp.SetReadDeadline(time.Time{})
	default:
		_ = c.tcp.SetReadDeadline(time.Now().Add(after))
	}
}

// idle begins the wait for the next request. It returns false when the watcher has ended the connection.
func (c *conn) idle() bool { return c.wait.begin(idling, now()+c.server.idleTimeout) }

// onReadable is called when there may be something to read, and at the start of a rest. It lends the connection an exchange
// and takes it back when there is nothing to do for it any more: then it returns false, to be called again.
//
// A request that has come whole is answered right here, and so without a read in vain before the next wait: that the
// connection has become readable meanwhile is remembered within a rest. Only an end that came together with the request
// is not, as it was not read; the lot finds it when the connection is parked. In here the connection can neither be read in another way nor closed.
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
	case parked:
		c.server.lot.wake(c)
		return
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

// lastMoved returns when bytes last came or went that a phase waits for, if that is less than the allowed gap ago; else 0.
// That a peer has taken bytes is seen by comparing with the last time that somebody asked.
func (c *conn) lastMoved(p phase, now time.Duration) time.Duration {
	quiet := time.Duration(c.gap.Load())
	up := c.up.Load()
	if (p == answering || p == tunnelling) && c.clientTook.hasMoved(c.tcp.Raw) {
		return now
	}
	if (p == sending || p == tunnelling) && up != nil && c.serviceTook.hasMoved(up.Raw()) {
		return now
	}
	if p == sending || p == tunnelling {
		quiet = min(quiet, socket.Quiet(c.tcp.Raw))
	}
	if (p == answering || p == tunnelling) && up != nil {
		quiet = min(quiet, up.Quiet())
	}
	if quiet >= time.Duration(c.gap.Load()) {
		return 0
	}
	return now - quiet
}

// progress is how much a peer had taken when somebody last asked.
type progress struct{ taken uint64 }

// hasMoved reports whether bytes wait for the peer of which it has taken some since.
func (p *progress) hasMoved(raw syscall.RawConn) bool {
	before := p.taken
	taken, waiting := socket.Taken(raw)
	p.taken = taken
	return waiting && taken != before
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
