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

	transport *net.TCPConn
	raw       syscall.RawConn
	wire      *wire // nil without TLS
	probe     socket.Probe
	born      time.Time
	idle      time.Time // since when it is in the pool
	reused    bool
}

func newConn(transport *net.TCPConn) (*Conn, error) {
	raw, err := transport.SyscallConn()
	if err != nil {
		return nil, err
	}
	return &Conn{Conn: transport, transport: transport, raw: raw, born: time.Now()}, nil
}

// TCP returns the connection itself where nothing is encrypted, so that the kernel can move its bytes; nil with TLS.
func (c *Conn) TCP() *net.TCPConn {
	if c.wire != nil {
		return nil
	}
	return c.transport
}

// Reused reports that an earlier request was sent on it: the service may have closed it since.
func (c *Conn) Reused() bool { return c.reused }

// Interrupt makes every read and write fail, those in progress too. The connection can only be closed after it. It may
// be called at any time by anyone.
func (c *Conn) Interrupt() { _ = c.transport.SetDeadline(time.Unix(1, 0)) }

// InterruptWrite is Interrupt for writes alone.
func (c *Conn) InterruptWrite() { _ = c.transport.SetWriteDeadline(time.Unix(1, 0)) }

// Quiet returns how long the service has sent nothing.
func (c *Conn) Quiet() time.Duration { return socket.Quiet(c.raw) }

// CloseWrite tells the service that no more will be sent.
func (c *Conn) CloseWrite() error {
	if secure, ok := c.Conn.(*tls.Conn); ok {
		return secure.CloseWrite()
	}
	return c.transport.CloseWrite()
}

// Close closes the connection at once, without TLS's goodbye, for which nobody waits.
func (c *Conn) Close() error { return c.transport.Close() }

// isClean reports that the connection is open and that nothing has been received which nobody read.
func (c *Conn) isClean() bool {
	if c.wire == nil {
		return c.probe.Look(c.raw) == 0
	}
	return c.wire.isClean(c.Conn)
}

// wire is the transport below TLS. While it is probed a read that would have to wait fails instead, with an error
// after which crypto/tls can go on.
type wire struct {
	*net.TCPConn
	owner   *Conn
	probing bool
	one     [1]byte
}

func (w *wire) Read(p []byte) (int, error) {
	if w.probing && w.owner.probe.Look(w.owner.raw) == 0 {
		return 0, errNothing
	}
	return w.TCPConn.Read(p)
}

// isClean reads through TLS without waiting. Messages of TLS itself, such as session tickets, are taken in by that.
func (w *wire) isClean(secure net.Conn) bool {
	w.probing = true
	n, err := secure.Read(w.one[:])
	w.probing = false
	return n == 0 && err == error(errNothing)
}

// errNothing is a net.Error that crypto/tls takes for temporary.
var errNothing nothing

type nothing struct{}

func (nothing) Error() string   { return "nothing to read" }
func (nothing) Timeout() bool   { return true }
func (nothing) Temporary() bool { return true }
