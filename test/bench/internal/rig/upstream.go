package rig

import (
	"crypto/tls"
	"fmt"
	"net"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ambassador-operator/ambassador-operator/test/bench/internal/wire"
)

const (
	// step is how much of an answer is offered to the kernel, or encrypted, at once.
	step = 64 << 10
	// headLimit is how long a request head may be.
	headLimit = 8 << 10
)

// Upstream is one service: it judges each request and sends the prepared answer.
type Upstream struct {
	loop     *Loop
	listener *net.TCPListener
	script   *wire.Script
	config   *tls.Config
	wg       sync.WaitGroup

	mu    sync.Mutex
	conns map[*serverConn]struct{}
}

// Listen starts a service on a free loopback port; config nil means without TLS.
func (l *Loop) Listen(script *wire.Script, config *tls.Config) (*Upstream, error) {
	listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, fmt.Errorf("starting an upstream: %w", err)
	}
	u := &Upstream{loop: l, listener: listener, script: script, config: config, conns: make(map[*serverConn]struct{})}
	u.wg.Go(u.accept)
	return u, nil
}

// Port is where the service listens.
func (u *Upstream) Port() int { return u.listener.Addr().(*net.TCPAddr).Port }

// Close ends the service and its connections. It must not be called while the loop runs.
func (u *Upstream) Close() error {
	err := u.listener.Close()
	u.wg.Wait()
	for conn := range u.conns {
		conn.close()
	}
	return err
}

func (u *Upstream) accept() {
	for {
		conn, err := u.listener.AcceptTCP()
		if err != nil {
			return
		}
		u.wg.Go(func() { u.serve(conn) })
	}
}

// serve hands an accepted connection to the loop. A connection that fails here is the proxy's to notice: it has no
// answer to its request then, and the client says so.
func (u *Upstream) serve(conn *net.TCPConn) {
	fd, through, err := u.open(conn)
	if err != nil {
		return
	}
	// The TLS layer may hold a request already, which epoll knows nothing of: waiting to write makes the loop look at once.
	c := &serverConn{upstream: u, fd: int(fd), stream: through, sending: true}
	u.mu.Lock()
	u.conns[c] = struct{}{}
	u.mu.Unlock()
	if u.loop.add(c.fd, c, unix.EPOLLOUT) != nil {
		c.close()
	}
}

func (u *Upstream) open(conn *net.TCPConn) (socket, stream, error) {
	if u.config != nil {
		return startTLS(conn, u.config)
	}
	fd, err := detach(conn)
	return fd, fd, err
}

// serverConn is one connection of a proxy to the service.
type serverConn struct {
	upstream *Upstream
	fd       int
	stream   stream
	in       [headLimit]byte
	n        int
	answer   wire.Answer
	sending  bool
}

func (c *serverConn) ready() {
	if c.sending {
		c.send()
	}
	for !c.sending {
		n, err := c.stream.Read(c.in[c.n:])
		if c.n += n; err == errWouldBlock {
			return
		}
		if err != nil || c.n == len(c.in) {
			c.close()
			return
		}
		if c.advance() {
			return
		}
	}
}

// advance answers the request once it has arrived whole. It looks no further than one request: no proxy has reason to
// send a second one before the first is answered, and one that does is refused.
func (c *serverConn) advance() bool {
	n := wire.HeadLength(c.in[:c.n])
	if n == 0 {
		return false
	}
	c.answer = c.choose(c.in[:n])
	if c.n != n {
		c.answer = refusal("bytes follow the request")
	}
	c.n = 0
	c.send()
	return true
}

func (c *serverConn) choose(head []byte) wire.Answer {
	size, variant, err := wire.Judge(head)
	if err != nil {
		return refusal(err.Error())
	}
	answer, ok := c.upstream.script.Answer(size, variant)
	if !ok {
		return refusal("no answer of this size")
	}
	return answer
}

func refusal(why string) wire.Answer {
	return wire.Answer{First: fmt.Appendf(nil, "HTTP/1.1 400 Bad Request\r\nContent-Length: %d\r\n\r\n%s", len(why), why)}
}

// send writes as much of the answer as the proxy takes, and waits for it to take more.
func (c *serverConn) send() {
	for {
		n, err := c.stream.write(c.next())
		c.took(n)
		if err == errWouldBlock {
			c.await(true)
			return
		}
		if err != nil {
			c.close()
			return
		}
		if len(c.next()) == 0 {
			c.await(false)
			return
		}
	}
}

func (c *serverConn) next() []byte {
	if len(c.answer.First) > 0 {
		return c.answer.First
	}
	return c.answer.Rest[:min(step, len(c.answer.Rest))]
}

func (c *serverConn) took(n int) {
	if len(c.answer.First) > 0 {
		c.answer.First = c.answer.First[n:]
		return
	}
	c.answer.Rest = c.answer.Rest[n:]
}

// await switches between writing the answer and reading the next request; most answers are gone at once and need no switch.
func (c *serverConn) await(writable bool) {
	if c.sending == writable {
		return
	}
	c.sending = writable
	change := c.upstream.loop.awaitRead
	if writable {
		change = c.upstream.loop.awaitWrite
	}
	if change(c.fd) != nil {
		c.close()
	}
}

func (c *serverConn) close() {
	c.upstream.loop.remove(c.fd)
	_ = unix.Close(c.fd)
	c.upstream.mu.Lock()
	delete(c.upstream.conns, c)
	c.upstream.mu.Unlock()
}
