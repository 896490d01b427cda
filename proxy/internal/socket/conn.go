package socket

import (
	"io"
	"net"
	"syscall"
)

// Conn is a TCP connection that is read and written by this package's system calls. At most one goroutine may read at a
// time, and one write. Make it with NewConn.
type Conn struct {
	*net.TCPConn
	// Raw is the connection's descriptor and what waits for it.
	Raw syscall.RawConn

	in, out transfer
}

// transfer is a read or a write in progress.
type transfer struct {
	step func(fd uintptr) bool // bound once
	rest []byte
	n    int
	err  error
}

// NewConn takes over a connection. It fails when that is closed.
func NewConn(tcp *net.TCPConn) (*Conn, error) {
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil, err
	}
	c := &Conn{TCPConn: tcp, Raw: raw}
	c.in.step, c.out.step = c.in.read, c.out.write
	return c, nil
}

// Read is net.Conn's.
func (c *Conn) Read(p []byte) (int, error) {
	n, err := c.in.run(c.Raw.Read, p)
	if n == 0 && err == nil && len(p) > 0 {
		err = io.EOF
	}
	return n, err
}

// Write is net.Conn's.
func (c *Conn) Write(p []byte) (int, error) { return c.out.run(c.Raw.Write, p) }

func (t *transfer) run(wait func(func(fd uintptr) bool) error, p []byte) (int, error) {
	t.rest, t.n, t.err = p, 0, nil
	err := wait(t.step)
	t.rest = nil
	if err == nil {
		err = t.err
	}
	return t.n, err
}

// read and write are called when there may be something to read or room, and at the very start. They report that the
// transfer is done.

func (t *transfer) read(fd uintptr) (done bool) {
	n, again, err := Read(fd, t.rest)
	t.n, t.err = n, err
	return !again
}

func (t *transfer) write(fd uintptr) (done bool) {
	n, again, err := Write(fd, t.rest)
	t.rest, t.n, t.err = t.rest[n:], t.n+n, err
	return !again
}

// Read reads what is there into p. again reports that nothing is, and that the caller has to wait for readability.
// n is 0 without an error at the end of the stream.
func Read(fd uintptr, p []byte) (n int, again bool, err error) { return read(fd, p) }

// Write writes as much of p as there is room for. again reports that the caller has to wait for room before it goes on
// with the rest.
func Write(fd uintptr, p []byte) (n int, again bool, err error) {
	for n < len(p) && !again && err == nil {
		var written int
		written, again, err = write(fd, p[n:])
		n += written
	}
	return n, again, err
}

// outcome tells of a call that does not wait whether it has to be made again later, or what failed.
func outcome(n int, errno syscall.Errno) (moved int, again bool, err error) {
	switch errno {
	case 0:
		return n, false, nil
	case syscall.EAGAIN:
		return 0, true, nil
	}
	return 0, false, errno
}

// carry moves bytes as Move does, through memory of this process.
func carry(to, from *Conn, n int64) (int64, error) {
	if n < 0 {
		return io.Copy(to.TCPConn, from)
	}
	return io.Copy(to.TCPConn, io.LimitReader(from, n))
}
