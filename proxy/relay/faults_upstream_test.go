package relay_test

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

const get = "GET /movies HTTP/1.1\r\nHost: a\r\n\r\n"

// shortTimeouts makes waits for the service end soon.
func shortTimeouts(s *setup) {
	s.config.Upstream.Timeouts = config.Timeouts{
		Connect:  config.Duration(300 * time.Millisecond),
		Response: config.Duration(300 * time.Millisecond),
		Idle:     config.Duration(300 * time.Millisecond),
	}
}

func TestAServiceThatFailsBeforeItsAnswerGivesAProblem(t *testing.T) {
	for _, fault := range []struct {
		name   string
		play   func(p *peer)
		status int
		code   string
	}{
		{"resets before the head", func(p *peer) { p.request(); p.reset() }, 502, "upstream-reset"},
		{"closes before the head", func(p *peer) { p.request() }, 502, "upstream-reset"},
		{"resets in the head", func(p *peer) { p.request(); p.write("HTTP/1.1 200 OK\r\nContent-"); p.reset() }, 502, "upstream-reset"},
		{"never answers", func(p *peer) { p.request(); p.untilClosed() }, 504, "upstream-timeout"},
		{"trickles the head", trickle, 504, "upstream-timeout"},
		{"sends a bad head", playAnswer("HTTP/1.1 200 OK\r\nbad header: x\r\n\r\n"), 502, "upstream-bad-response"},
		{"sends no HTTP", playAnswer("220 mail.example.com ESMTP\r\n"), 502, "upstream-bad-response"},
		{"sends both lengths", playAnswer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 502, "upstream-bad-response"},
		{"sends differing lengths", playAnswer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc"), 502, "upstream-bad-response"},
		{"sends a head of 1 MiB", playAnswer("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 1<<20) + "\r\n\r\n"), 502, "upstream-bad-response"},
		{"switches protocols unasked", playAnswer("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"), 502, "upstream-bad-response"},
		{"sends a bad chunk with the head", playAnswer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nnonsense\r\n"), 502, "upstream-bad-response"},
		{"sends interim answers only", playAnswer(strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 100)), 502, "upstream-bad-response"},
	} {
		t.Run(fault.name, func(t *testing.T) {
			wantNoLeak(t)
			a := start(t, script(t, fault.play), shortTimeouts)
			c := dial(t, a)
			c.send(get)
			got := c.read("GET")
			for got.status == 102 {
				got = c.read("GET")
			}
			got.wantProblem(t, fault.status, fault.code)
			a.wantFailure(t, fault.code)
			if again := c.do("GET /../ HTTP/1.1\r\nHost: a\r\n\r\n"); again.status != 400 {
				t.Errorf("the connection is not kept: %+v", again)
			}
			a.wantAlive(t)
		})
	}
}

func playAnswer(text string) func(p *peer) {
	return func(p *peer) {
		p.request()
		p.write(text)
		p.untilClosed()
	}
}

// playTwice sends the second part when the client has seen something of the first.
func playTwice(first, second string) func(p *peer) {
	return func(p *peer) {
		p.request()
		p.write(first)
		<-p.seen
		p.write(second)
		p.untilClosed()
	}
}

// trickle sends a head a byte at a time, as long as anyone listens.
func trickle(p *peer) {
	p.request()
	p.write("HTTP/1.1 200 OK\r\nX: ")
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for range ticker.C {
		if _, err := p.Write([]byte("x")); err != nil {
			return
		}
	}
}

func TestAnAnswerThatFailsOnItsWayCutsTheClientOff(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	for _, fault := range []struct {
		name   string
		play   func(p *peer)
		body   string // what arrives of it
		reason string
	}{
		{"resets in the body", func(p *peer) {
			p.request()
			p.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
			<-p.seen // a reset overtakes bytes that nobody has read
			p.reset()
		}, "hello", "upstream-reset"},
		{"sends less than announced", func(p *peer) { p.request(); p.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello") }, "hello", "upstream-reset"},
		{"ends in a chunk", func(p *peer) { p.request(); p.write(head + "a\r\nhello") }, "hello", "upstream-reset"},
		{"ends before the last chunk", func(p *peer) { p.request(); p.write(head + "5\r\nhello\r\n") }, "hello", "upstream-reset"},
		{"sends a bad chunk", playTwice(head+"5\r\nhello\r\n", "nonsense\r\n"), "hello", "upstream-bad-response"},
		{"falls silent", playAnswer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"), "hello", "upstream-timeout"},
		{"sends a bad trailer", playTwice(head+"5\r\nhello\r\n", "0\r\nbad field: x\r\n\r\n"), "hello", "upstream-bad-response"},
	} {
		t.Run(fault.name, func(t *testing.T) {
			wantNoLeak(t)
			seen := make(chan struct{})
			a := start(t, script(t, func(p *peer) {
				p.seen = seen
				fault.play(p)
			}), shortTimeouts)
			c := dial(t, a)
			c.send(get)
			_, _ = c.reader.Peek(1)
			close(seen)
			got := c.read("GET")
			if got.err == nil {
				t.Errorf("the client took the part for the whole: %+v", got)
			}
			if !strings.HasPrefix(fault.body, got.body) {
				t.Errorf("body %q; want the start of %q", got.body, fault.body)
			}
			a.wantFailure(t, fault.reason)
			a.wantAlive(t)
		})
	}
}

func TestBytesBeyondAnAnswerAreNeverTheNextOne(t *testing.T) {
	for _, fault := range []struct {
		name  string
		play  func(p *peer)
		later bool
	}{
		{"two answers at once", playAnswer("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngoodHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"), false},
		{"another answer before the next request", func(p *peer) {
			p.request()
			p.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood")
			<-p.seen
			p.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
			p.seen <- struct{}{}
			p.untilClosed()
		}, true},
		{"more than announced", playAnswer("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngoodness"), false},
		{"content where none may be", func(p *peer) {
			for r := p.request(); r != nil; r = p.request() {
				p.write("HTTP/1.1 204 No Content\r\n\r\nevil")
			}
		}, false},
	} {
		t.Run(fault.name, func(t *testing.T) {
			wantNoLeak(t)
			seen := make(chan struct{})
			a := start(t, script(t, func(p *peer) {
				p.seen = seen
				fault.play(p)
			}))
			c := dial(t, a)
			for range 20 {
				if got := c.do(get); got.err != nil || got.body != "good" && got.status != 204 {
					t.Fatalf("status %d, body %q, %v", got.status, got.body, got.err)
				}
				if fault.later {
					seen <- struct{}{}
					<-seen
				}
			}
			a.wantAlive(t)
		})
	}
}

func TestAServiceThatRefusesIsUnreachable(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	a := start(t, "http://"+listener.Addr().String())
	dial(t, a).do(get).wantProblem(t, 502, "upstream-unreachable")
	a.wantFailure(t, "upstream-unreachable")
	a.wantAlive(t)
}

func TestAKeptConnectionThatClosesIsReplaced(t *testing.T) {
	wantNoLeak(t)
	// Each connection answers once and closes when the second request has come: the client must not notice.
	a := start(t, script(t, func(p *peer) {
		p.request()
		p.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		if p.number%2 == 1 {
			_, _ = p.reader.Peek(1)
			p.reset()
		}
	}))
	c := dial(t, a)
	for i := range 20 {
		if got := c.do(get); got.err != nil || got.body != "ok" {
			t.Fatalf("request %d: status %d, %v", i, got.status, got.err)
		}
	}
}

func TestARequestThatMayHaveTakenEffectIsNotRepeated(t *testing.T) {
	wantNoLeak(t)
	requests := make(chan string, 10)
	a := start(t, script(t, func(p *peer) {
		requests <- p.request().Method
		p.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		if r := p.request(); r != nil {
			requests <- r.Method
			p.reset()
		}
	}))
	c := dial(t, a)
	if got := c.do(get); got.body != "ok" {
		t.Fatalf("%+v", got)
	}
	c.do("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi").wantProblem(t, 502, "upstream-reset")
	if len(requests) != 2 {
		t.Errorf("the service saw %d requests, want 2", len(requests))
	}
}
