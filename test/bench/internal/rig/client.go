package rig

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ambassador-operator/ambassador-operator/test/bench/internal/wire"
)

// client is one connection of an application to a proxy, with at most one request under way.
type client struct {
	crowd   *crowd
	fd      int
	variant int
	busy    bool
	began   time.Time
	head    []byte // the beginning of an answer whose head has not arrived whole
	want    []byte // what is still to come of the answer's body
	inBody  bool
	served  bool // has had an answer
	closed  bool
}

// dial connects to a loopback port. The kernel completes a loopback connection at once, so blocking here is brief.
func dial(port int) (int, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("making a socket: %w", err)
	}
	err = errors.Join(
		unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1),
		unix.Connect(fd, &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}),
		unix.SetNonblock(fd, true))
	if err != nil {
		return -1, errors.Join(fmt.Errorf("connecting to port %d: %w", port, err), unix.Close(fd))
	}
	return fd, nil
}

// ask sends the next request. A request is far smaller than a socket's buffer, so it always fits.
func (c *client) ask() {
	c.variant = (c.variant + 1) % wire.Variants
	request := c.crowd.requests[c.variant]
	c.busy, c.began = true, time.Now()
	n, err := unix.Write(c.fd, request)
	if err == nil && n < len(request) {
		err = io.ErrShortWrite
	}
	if err != nil {
		c.fail(fmt.Errorf("sending a request: %w", err))
	}
}

func (c *client) ready() {
	n, err := socket(c.fd).Read(c.crowd.scratch[:])
	switch {
	case err == errWouldBlock:
	case err != nil:
		c.fail(fmt.Errorf("the proxy closed the connection (request under way: %t): %w", c.busy, err))
	case !c.busy:
		c.fail(fmt.Errorf("bytes after the answer: %q", abridge(c.crowd.scratch[:n])))
	default:
		c.take(c.crowd.scratch[:n])
	}
}

// take goes on with an answer, and with the next request when the answer is complete.
func (c *client) take(p []byte) {
	if !c.inBody {
		p = c.takeHead(p)
	}
	if !c.inBody {
		return
	}
	n := min(len(p), len(c.want))
	if !bytes.Equal(p[:n], c.want[:n]) || n < len(p) {
		c.fail(fmt.Errorf("the body differs from what the upstream sent, %d bytes before its end", len(c.want)))
		return
	}
	c.want = c.want[n:]
	c.crowd.bytes += int64(n)
	if len(c.want) == 0 {
		c.complete()
	}
}

// takeHead returns what follows the head, if the head is complete.
func (c *client) takeHead(p []byte) []byte {
	if len(c.head) > 0 {
		c.head = append(c.head, p...)
		p = c.head
	}
	n := wire.HeadLength(p)
	if n == 0 {
		c.head = append(c.head[:0], p...)
		return nil
	}
	if err := wire.CheckHead(p[:n], c.crowd.size, c.variant); err != nil {
		c.fail(fmt.Errorf("%w: %q", err, abridge(p)))
		return nil
	}
	c.head, c.want, c.inBody = c.head[:0], c.crowd.script.Body(c.crowd.size, c.variant), true
	return p[n:]
}

func (c *client) complete() {
	c.busy, c.inBody = false, false
	c.crowd.completed(c)
}

func (c *client) fail(err error) {
	if c.crowd.err == nil { // the others mostly fail for the same reason
		c.crowd.err = err
	}
	c.close()
}

func (c *client) close() {
	if c.closed {
		return
	}
	c.closed = true
	c.crowd.loop.remove(c.fd)
	_ = unix.Close(c.fd)
}

func abridge(p []byte) []byte { return p[:min(len(p), 400)] }
