package relay_test

import (
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestBytesThatAreNoRequestAreRefused(t *testing.T) {
	for _, fault := range []struct {
		name, bytes string
		status      int
		code        string
	}{
		{"garbage", "\x00\x01\x02\x03\r\n\r\n", 400, "method"},
		{"a TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "tls-hello"},
		{"an HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "http2-preface"},
		{"both lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "framing-conflict"},
		{"a long request line", "GET /" + strings.Repeat("x", 9000) + " HTTP/1.1\r\nHost: a\r\n\r\n", 414, "request-line-too-long"},
		{"a long head", "GET / HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", 70_000) + "\r\n\r\n", 431, "head-too-large"},
		{"a bad chunk", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400, "chunk-size"},
		{"CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 501, "connect"},
		{"no HTTP/1.x", "GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505, "version"},
	} {
		t.Run(fault.name, func(t *testing.T) {
			wantNoLeak(t)
			a := start(t, script(t, func(p *peer) { p.untilClosed() }))
			c := dial(t, a)
			c.send(fault.bytes)
			c.read("GET").wantProblem(t, fault.status, fault.code)
			c.wantClosed()
			eventually(t, "the refusal is counted", func() bool {
				class := itoa(fault.status/100) + "xx"
				return a.countRequests("other", class)+a.countRequests("POST", class)+a.countRequests("GET", class) == 1
			})
			a.wantAlive(t)
		})
	}
}

// countRequests counts requests of the default route and of none.
func (a *ambassador) countRequests(method, class string) int {
	n := 0
	for _, route := range []string{"none", "/"} {
		counted, _ := strconv.Atoi(a.metric(`ambassador_requests_total{ambassador="test",route="` + route + `",method="` + method + `",code="` + class + `"}`))
		n += counted // none is no number, and 0
	}
	return n
}

func TestABadChunkAfterTheHeadIsRefused(t *testing.T) {
	wantNoLeak(t)
	a := start(t, script(t, func(p *peer) { p.request(); p.untilClosed() }))
	c := dial(t, a)
	c.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n")
	c.send("hello\r\n")
	c.send("nonsense\r\n")
	c.read("POST").wantProblem(t, 400, "chunk-size")
	c.wantClosed()
	a.wantAlive(t)
}

func TestASlowHeadIsGivenUp(t *testing.T) {
	wantNoLeak(t)
	a := start(t, script(t, func(p *peer) {}), func(s *setup) { s.server.HeadTimeout = 300 * time.Millisecond })
	c := dial(t, a)
	c.send("GET / HTTP/1.1\r\nHost:")
	c.read("GET").wantProblem(t, 408, "request-timeout")
	c.wantClosed()
	a.wantAlive(t)
}

func TestASlowBodyIsGivenUp(t *testing.T) {
	for _, head := range []string{"Content-Length: 10\r\n\r\nhello", "Content-Length: 1000000\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\na\r\nhello"} {
		wantNoLeak(t)
		a := start(t, script(t, func(p *peer) { p.request(); p.untilClosed() }), shortTimeouts)
		c := dial(t, a)
		c.send("POST / HTTP/1.1\r\nHost: a\r\n" + head)
		c.read("POST").wantProblem(t, 408, "request-timeout")
		c.wantClosed()
		a.wantAlive(t)
	}
}

func TestABodyThatEndsEarlyIsNotTakenForTheWhole(t *testing.T) {
	for _, head := range []string{"Content-Length: 10\r\n\r\nhello", "Content-Length: 1000000\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"} {
		wantNoLeak(t)
		whole := make(chan bool, 1)
		a := start(t, script(t, func(p *peer) {
			r, _ := http.ReadRequest(p.reader)
			_, err := io.Copy(io.Discard, r.Body)
			whole <- err == nil
		}))
		c := dial(t, a)
		c.send("POST / HTTP/1.1\r\nHost: a\r\n" + head)
		if err := c.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		c.read("POST").wantProblem(t, 400, "body-too-short")
		if <-whole {
			t.Error("the service took the part for the whole")
		}
		a.wantAlive(t)
	}
}

func TestABodyBeyondItsLengthIsTheNextRequest(t *testing.T) {
	a := start(t, script(t, func(p *peer) {
		for p.request() != nil {
			p.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		}
	}))
	c := dial(t, a)
	if got := c.do("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi there"); got.body != "ok" {
		t.Errorf("%+v", got)
	}
	c.send(" general\r\n")
	c.read("GET").wantProblem(t, 400, "method")
	c.wantClosed()
}

func TestTheServiceIsLeftWithinASecondOfTheClient(t *testing.T) {
	const interim = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
	for _, gone := range []struct {
		name, request, answer string
		leave                 func(c *client)
	}{
		{"closes while the service thinks", get, "", func(c *client) { c.Close() }},
		{"resets while the service thinks", get, "", func(c *client) { _ = c.SetLinger(0); c.Close() }},
		{"closes after half an answer", get, interim, func(c *client) { c.Close() }},
		{"closes with another request under way", get + get, "", func(c *client) { c.Close() }},
		{"closes within its content", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello", "", func(c *client) { c.Close() }},
	} {
		t.Run(gone.name, func(t *testing.T) {
			wantNoLeak(t)
			asked, left := make(chan struct{}), make(chan struct{})
			a := start(t, script(t, func(p *peer) {
				_, _ = http.ReadRequest(p.reader)
				p.write(gone.answer)
				asked <- struct{}{}
				p.untilClosed()
				left <- struct{}{}
			}))
			tries := wantWithinASecond(t, func() time.Duration {
				c := dial(t, a)
				c.send(gone.request)
				<-asked
				if gone.answer != "" {
					c.skip(gone.answer)
				}
				began := time.Now()
				gone.leave(c)
				<-left
				return time.Since(began)
			})
			eventually(t, "the request is counted", func() bool {
				return a.countRequests("GET", "none")+a.countRequests("GET", "2xx")+a.countRequests("POST", "4xx") == tries
			})
			a.wantAlive(t)
		})
	}
}

func TestAClientThatIsDoneSendingGetsItsAnswer(t *testing.T) {
	a := start(t, parrot(t, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
	c := dial(t, a)
	c.send(get + get)
	if err := c.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got := c.read("GET"); got.body != "ok" {
			t.Errorf("%+v", got)
		}
	}
	c.wantClosed()
}

func TestConnectionsBeyondTheLimitAreToldSo(t *testing.T) {
	wantNoLeak(t)
	a := start(t, script(t, func(p *peer) {
		for p.request() != nil {
			p.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		}
	}), func(s *setup) { s.server.MaxConnections = 3 })
	var held []*client
	for range 3 {
		held = append(held, dial(t, a))
		held[len(held)-1].do(get)
	}
	c := dial(t, a)
	c.send(get)
	c.read("GET").wantProblem(t, 503, "too-many-connections")
	c.wantClosed()
	if got := a.metric(`ambassador_connections_refused_total{port="8080"}`); got != "1" {
		t.Errorf("refused %s", got)
	}
	held[0].Close()
	eventually(t, "a place is free", func() bool { return a.server.Connections() == 2 })
	if got := dial(t, a).do(get); got.body != "ok" {
		t.Errorf("%+v", got)
	}
	for _, c := range held {
		c.Close()
	}
}

func TestRequestsBeyondTheLimitAreToldSo(t *testing.T) {
	wantNoLeak(t)
	asked, proceed := make(chan struct{}, 3), make(chan struct{})
	a := start(t, script(t, func(p *peer) {
		for p.request() != nil {
			asked <- struct{}{}
			<-proceed
			p.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		}
	}), func(s *setup) { s.server.MaxRequests = 2 })
	first, second, third := dial(t, a), dial(t, a), dial(t, a)
	first.send(get)
	<-asked
	second.send(get)
	<-asked
	third.send(get)
	third.read("GET").wantProblem(t, 503, "too-many-requests")
	close(proceed)
	for _, c := range []*client{first, second} {
		if got := c.read("GET"); got.body != "ok" {
			t.Errorf("%+v", got)
		}
	}
	eventually(t, "there is room again", func() bool { return third.do(get).body == "ok" })
}

func TestTenThousandConnectionsAtOnceLeaveTheServerServing(t *testing.T) {
	wantNoLeak(t)
	a := start(t, parrot(t, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), func(s *setup) { s.server.MaxConnections = 500 })
	defer a.wantAlive(t)
	var mutex sync.Mutex
	var conns []net.Conn
	var dialling sync.WaitGroup
	for range 50 {
		dialling.Go(func() {
			for range 200 {
				conn, err := net.Dial("tcp", a.address)
				if err != nil {
					return // the descriptors of this test are at their end: that many are enough
				}
				mutex.Lock()
				conns = append(conns, conn)
				mutex.Unlock()
			}
		})
	}
	dialling.Wait()
	if got := a.server.Connections(); got > 500 {
		t.Errorf("%d connections are held, want 500 at most", got)
	}
	for _, conn := range conns {
		conn.Close()
	}
	eventually(t, "all connections are let go", func() bool { return a.server.Connections() == 0 })
}

func TestAConnectionThatItsClientClosedWithARequestIsLetGo(t *testing.T) {
	wantNoLeak(t)
	a := start(t, parrot(t, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
	for range 50 {
		c := dial(t, a)
		c.send(get)
		c.Close()
	}
	eventually(t, "all connections are let go", func() bool { return a.server.Connections() == 0 })
}
