package relay

import (
	"net"
	"syscall"

	"github.com/ambassador-operator/ambassador-operator/proxy/http1"
	"github.com/ambassador-operator/ambassador-operator/proxy/internal/socket"
)

// maxBehind bounds the requests that are sent without a client waiting, of one server at one time. Further ones are left out:
// the next hit tries again.
const maxBehind = 16

// askBehind has the service asked about the entry that the client is being given. It is a request like any other, from a
// client that is not there.
func (x *exchange) askBehind() {
	s := x.conn.server
	if x.plan.cache.store.IsAsked(&x.cached.query) || s.draining.Load() {
		return
	}
	if s.behind.Add(1) > maxBehind {
		s.behind.Add(-1)
		return
	}
	c := &conn{server: s, tcp: &socket.Conn{TCPConn: new(net.TCPConn), Raw: nobody{}}, isAlone: true}
	if !s.remember(c) {
		s.behind.Add(-1)
		return
	}
	head := x.appendAgain(nil)
	go func() {
		defer s.behind.Add(-1)
		defer s.forget(c)
		c.askAlone(head)
	}()
}

// appendAgain appends the request as it came, but for the client's conditions.
func (x *exchange) appendAgain(dst []byte) []byte {
	dst = http1.AppendRequestLine(dst, []byte("GET"), x.req.Target)
	dst = http1.AppendField(dst, "Host", x.req.Host)
	for i := range x.req.Fields {
		if f := &x.req.Fields[i]; !f.Drop && !f.Is("if-none-match") && !f.Is("if-modified-since") {
			dst = http1.AppendField(dst, f.Name, f.Value)
		}
	}
	return append(dst, http1.CRLF...)
}

// askAlone carries one request through, for the cache alone.
func (c *conn) askAlone(head []byte) {
	x := borrow()
	x.conn, c.exchange = c, x
	x.in.append(head)
	x.begin()
	err := x.prepare(len(head))
	if err == nil {
		err = x.perform()
	}
	x.finish(err)
	c.exchange = nil
	x.release()
}

// nobody is the descriptor of a client that is not there.
type nobody struct{}

func (nobody) Control(func(uintptr)) error    { return nil }
func (nobody) Read(func(uintptr) bool) error  { return syscall.EINVAL }
func (nobody) Write(func(uintptr) bool) error { return syscall.EINVAL }
