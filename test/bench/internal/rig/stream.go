package rig

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// stream is a connection that never blocks: where it would, it answers errWouldBlock.
type stream interface {
	io.Reader
	// write takes some of p and reports how much. With errWouldBlock it must be called again once the descriptor can be
	// written, with what is left of p, which may be nothing.
	write(p []byte) (int, error)
}

// errWouldBlock is temporary in the sense of [net.Error], so that a [tls.Conn] above goes on after it.
var errWouldBlock net.Error = wouldBlock{}

type wouldBlock struct{}

func (wouldBlock) Error() string   { return "the operation would block" }
func (wouldBlock) Timeout() bool   { return true }
func (wouldBlock) Temporary() bool { return true }

// socket is a plain stream: the descriptor itself.
type socket int

func (s socket) Read(p []byte) (int, error) {
	n, err := unix.Read(int(s), p)
	if n == 0 && err == nil {
		return 0, io.EOF
	}
	return settle(n, err)
}

func (s socket) write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	return settle(unix.Write(int(s), p))
}

func settle(n int, err error) (int, error) {
	if err == unix.EAGAIN || err == unix.EINTR {
		return 0, errWouldBlock
	}
	return max(n, 0), err
}

// detach takes the descriptor out of the runtime's poller, which would otherwise be woken by every event on it.
func detach(conn *net.TCPConn) (socket, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return -1, err
	}
	fd := -1
	control := func(old uintptr) { fd, err = unix.FcntlInt(old, unix.F_DUPFD_CLOEXEC, 0) }
	if controlErr := raw.Control(control); controlErr != nil {
		return -1, controlErr
	}
	return socket(fd), errors.Join(err, conn.Close())
}

// tlsStream is the server's end of a TLS connection on a socket.
type tlsStream struct {
	*tls.Conn
	lower *lowerConn
}

// write encrypts p only when all that was encrypted before is gone, so that at most one step waits in memory.
func (s *tlsStream) write(p []byte) (int, error) {
	if err := s.lower.flush(); err != nil || len(p) == 0 {
		return 0, err
	}
	n, err := s.Conn.Write(p)
	if err != nil {
		return n, err
	}
	return n, s.lower.flush()
}

// lowerConn is what the TLS connection reads from and writes to: the accepted connection during the handshake, the bare
// socket, with writes gathered, afterwards.
type lowerConn struct {
	net.Conn
	socket  socket
	bare    bool
	pending []byte
	sent    int
}

func (c *lowerConn) Read(p []byte) (int, error) {
	if c.bare {
		return c.socket.Read(p)
	}
	return c.Conn.Read(p)
}

func (c *lowerConn) Write(p []byte) (int, error) {
	if c.bare {
		c.pending = append(c.pending, p...)
		return len(p), nil
	}
	return c.Conn.Write(p)
}

// SetWriteDeadline is called by the TLS layer when it closes; a bare socket never blocks and needs none.
func (c *lowerConn) SetWriteDeadline(t time.Time) error {
	if c.bare {
		return nil
	}
	return c.Conn.SetWriteDeadline(t)
}

func (c *lowerConn) flush() error {
	for c.sent < len(c.pending) {
		n, err := c.socket.write(c.pending[c.sent:])
		if c.sent += n; err != nil {
			return err
		}
	}
	c.pending, c.sent = c.pending[:0], 0
	return nil
}

// startTLS does the handshake, blocking the calling goroutine, and hands back the stream that goes on without it.
func startTLS(conn *net.TCPConn, config *tls.Config) (socket, stream, error) {
	lower := &lowerConn{Conn: conn}
	secure := tls.Server(lower, config)
	if err := secure.Handshake(); err != nil {
		return -1, nil, errors.Join(err, conn.Close())
	}
	fd, err := detach(conn)
	lower.socket, lower.bare = fd, true
	return fd, &tlsStream{Conn: secure, lower: lower}, err
}
