package upstream

import (
	"crypto/tls"
	"net"
	"syscall"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/internal/socket"
)

// Conn is a connection to the service. It has one owner at a time, but one goroutine may read while another writes.
type Conn struct {
	// Conn is what requests are written to: TCP, or TLS on top of it.
	net.Conn

	wire   wire
	probe  socket.Probe
	secure bool
	filled bool // the last read filled its room: TLS may have more at hand
	reused bool
	born   time.Time
	idle   time.Time // since when it is in the pool
}

func newConn(transport *net.TCPConn) (*Conn, error) {
	connection, err := socket.NewConn(transport)
	if err != nil {
		return nil, err
	}
	c := &Conn{born: time.Now()}
	c.wire = wire{Conn: connection, owner: c}
	c.wire.step = c.wire.advance
	c.Conn = connection
	return c, nil
}

// TCP returns the connection itself where nothing is encrypted, so that the kernel can move its bytes; nil with TLS.
func (c *Conn) TCP() *socket.Conn {
	if c.secure {
		return nil
	}
	return c.wire.Conn
}

// Reused reports that an earlier request was sent on it: the service may have closed it since.
func (c *Conn) Reused() bool { return c.reused }

// Lender has room for what is read, so that nobody holds any while waiting. A read may lend and take back several times.
type Lender interface {
	// Lend returns room of at least one byte.
	Lend() []byte
	// TakeBack is called when nothing was there to be put into the room that was lent last.
	TakeBack()
}

// Ask writes a whole request and reads the first bytes of the answer into room that is lent once they are there. It sends
// nothing and returns ErrStale where the service has closed the connection, or has sent something unasked.
//
// It is Write and Read in one because that saves looks at the socket: the read that finds nothing before the request
// is written also makes ready for the answer.
func (c *Conn) Ask(request []byte, lender Lender) (n int, err error) {
	if err := c.hold(request); err != nil {
		return 0, err
	}
	n, err = c.ReadInto(lender)
	if c.wire.held != nil {
		c.wire.held = nil
		return 0, ErrStale
	}
	return n, err
}

// ReadInto is Read into room that is lent once there is something to read.
func (c *Conn) ReadInto(lender Lender) (n int, err error) {
	if !c.secure {
		return c.wire.readInto(lender)
	}
	if !c.filled && c.wire.ahead.isEmpty() {
		if err := c.wire.readAhead(); err != nil {
			return 0, err
		}
	}
	return c.Read(lender.Lend())
}

// Read is the connection's.
func (c *Conn) Read(p []byte) (n int, err error) {
	n, err = c.Conn.Read(p)
	c.filled = n == len(p)
	return n, err
}

// HasMore reports that a read will find something without waiting.
func (c *Conn) HasMore() bool { return c.wire.ahead.hasRecord() }

// IsDrained reports that nothing was read which nobody took, but for what TLS says to itself.
func (c *Conn) IsDrained() bool {
	return c.wire.ahead.isEmpty() || c.isClean() && c.wire.ahead.isEmpty()
}

// hold prepares the wire to send a request at its next read.
func (c *Conn) hold(request []byte) (err error) {
	w := &c.wire
	if !c.secure {
		w.held = request
		return nil
	}
	w.holding = true
	w.queue = w.queue[:0]
	_, err = c.Conn.Write(request)
	w.holding = false
	w.held = w.queue
	return err
}

// Interrupt makes every read and write fail, those in progress too. The connection can only be closed after it. It may
// be called at any time by anyone.
func (c *Conn) Interrupt() { _ = c.wire.SetDeadline(past) }

// InterruptWrite is Interrupt for writes alone.
func (c *Conn) InterruptWrite() { _ = c.wire.SetWriteDeadline(past) }

// past is a deadline that has passed.
var past = time.Unix(1, 0)

// Raw is the transport, for those who ask the kernel about it.
func (c *Conn) Raw() syscall.RawConn { return c.wire.Raw }

// Quiet returns how long the service has sent nothing.
func (c *Conn) Quiet() time.Duration { return socket.Quiet(c.wire.Raw) }

// CloseWrite tells the service that no more will be sent.
func (c *Conn) CloseWrite() error {
	if secure, ok := c.Conn.(*tls.Conn); ok {
		return secure.CloseWrite()
	}
	return c.wire.CloseWrite()
}

// Close closes the connection at once, without TLS's goodbye, for which nobody waits.
func (c *Conn) Close() error { return c.wire.Close() }

// isClean reports that the connection is open and that nothing has been received which nobody read. With TLS, that takes
// in messages of TLS itself, such as session tickets.
func (c *Conn) isClean() bool {
	if !c.secure {
		return c.probe.Look(c.wire.Raw) == 0
	}
	c.wire.probing = true
	n, err := c.Conn.Read(c.wire.one[:])
	c.wire.probing = false
	return n == 0 && err == error(errNothing) //nolint:errorlint // the wire returns it as it is
}
