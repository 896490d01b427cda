package relay_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestEachPieceOfAnAnswerReachesTheClientAsItComes(t *testing.T) {
	for _, kind := range []struct {
		name, head, piece, arrives string
	}{
		{"a chunk", "Transfer-Encoding: chunked\r\n\r\n", "5\r\nhello\r\n", "5\r\nhello\r\n"},
		{"a part of a chunk", "Transfer-Encoding: chunked\r\n\r\n1000\r\n", "hello\n", "hello\n"},
		{"a line of known length", "Content-Type: application/x-ndjson\r\nContent-Length: 1000\r\n\r\n", "{}\n", "{}\n"},
		{"a long answer that is spliced", "Content-Length: 100000000\r\n\r\n", "hello\n", "hello\n"},
		{"an event, until close", "Content-Type: text/event-stream\r\n\r\n", "data: x\n\n", "9\r\ndata: x\n\n\r\n"},
	} {
		t.Run(kind.name, func(t *testing.T) {
			sent, turn := make(chan time.Time, 1), make(chan struct{})
			a := start(t, script(t, func(p *peer) {
				p.request()
				p.write("HTTP/1.1 200 OK\r\n" + kind.head)
				for range turn {
					sent <- time.Now()
					p.write(kind.piece)
				}
			}))
			c := dial(t, a)
			c.send(get)
			c.skipHead()
			best := time.Hour
			for i := range 20 {
				turn <- struct{}{}
				room := make([]byte, len(kind.arrives))
				if i == 0 {
					c.skip(strings.TrimPrefix(kind.head, kind.head[:strings.Index(kind.head, "\r\n\r\n")+4]))
				}
				if _, err := io.ReadFull(c.reader, room); err != nil || string(room) != kind.arrives {
					t.Fatalf("piece %d: %q, %v; want %q", i, room, err, kind.arrives)
				}
				best = min(best, time.Since(<-sent))
			}
			close(turn)
			if best > 10*time.Millisecond {
				t.Errorf("a piece took %s at least; want 10ms at most", best)
			}
		})
	}
}

// skipHead reads the head of an answer.
func (c *client) skipHead() {
	c.t.Helper()
	for {
		line, err := c.reader.ReadString('\n')
		if err != nil {
			c.t.Fatal(err)
		}
		if line == "\r\n" {
			return
		}
	}
}

// skip reads text.
func (c *client) skip(text string) {
	c.t.Helper()
	room := make([]byte, len(text))
	if _, err := io.ReadFull(c.reader, room); err != nil || string(room) != text {
		c.t.Fatalf("read %q, %v; want %q", room, err, text)
	}
}

func TestAnAnswerMayBeginBeforeTheRequestEnds(t *testing.T) {
	for _, kind := range []struct{ name, head, piece string }{
		{"chunked", "Transfer-Encoding: chunked\r\n\r\n", "5\r\nhello\r\n"},
		{"of known length", "Content-Length: 50\r\n\r\n", "hello"},
	} {
		t.Run(kind.name, func(t *testing.T) {
			wantNoLeak(t)
			// The service sends each piece of content back as soon as it has it.
			a := start(t, script(t, func(p *peer) {
				for {
					r, err := http.ReadRequest(p.reader)
					if err != nil {
						return
					}
					p.write("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n")
					room := make([]byte, 5)
					for {
						if _, err := io.ReadFull(r.Body, room); err != nil {
							break
						}
						p.write(string(room))
					}
				}
			}))
			c := dial(t, a)
			for range 2 { // on the same connection
				c.send("POST / HTTP/1.1\r\nHost: a\r\n" + kind.head)
				c.skipHead()
				for range 10 {
					c.send(kind.piece)
					c.skip("hello")
				}
				if kind.name == "chunked" {
					c.send("0\r\n\r\n")
				}
			}
		})
	}
}

func TestARefusalReachesAClientThatIsStillSending(t *testing.T) {
	wantNoLeak(t)
	a := start(t, script(t, func(p *peer) {
		_, _ = http.ReadRequest(p.reader)
		p.write("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig")
	}))
	c := dial(t, a)
	c.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat("x", 1000))
	if got := c.read("POST"); got.status != 413 || got.body != "big" {
		t.Errorf("%+v", got)
	}
	c.wantClosed()
	a.wantAlive(t)
}

func TestAContinueIsTheServicesToGive(t *testing.T) {
	wantNoLeak(t)
	a := start(t, script(t, func(p *peer) {
		for {
			r, err := http.ReadRequest(p.reader)
			if err != nil {
				return
			}
			if r.Header.Get("Expect") != "100-continue" || r.URL.Path == "/no" {
				p.write("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
				return
			}
			p.write("HTTP/1.1 100 Continue\r\n\r\n")
			body, _ := io.ReadAll(r.Body)
			p.write("HTTP/1.1 200 OK\r\nContent-Length: " + itoa(len(body)) + "\r\n\r\n" + string(body))
		}
	}))
	c := dial(t, a)
	for range 2 {
		c.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
		c.wantLine("HTTP/1.1 100 Continue\r\n")
		c.wantLine("\r\n")
		c.send("hello")
		if got := c.read("POST"); got.body != "hello" {
			t.Fatalf("%+v", got)
		}
	}
	if got := c.do("POST /no HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"); got.status != 417 {
		t.Errorf("%+v", got)
	}
	c.wantClosed()
}

func TestInterimAnswersArePassedOn(t *testing.T) {
	a := start(t, script(t, func(p *peer) {
		for p.request() != nil {
			p.write("HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		}
	}))
	c := dial(t, a)
	c.send(get)
	c.skip("HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n")
	if got := c.read("GET"); got.body != "ok" {
		t.Errorf("%+v", got)
	}
	old := dial(t, a)
	if got := old.do("GET / HTTP/1.0\r\n\r\n"); got.status != 200 || got.body != "ok" {
		t.Errorf("an HTTP/1.0 client got %+v", got)
	}
}

func TestPipelinedRequestsAreAnsweredInOrder(t *testing.T) {
	wantNoLeak(t)
	service := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Path", r.URL.Path)
		_, _ = w.Write(body)
	})
	a := start(t, service.URL)
	defer service.Close()
	const all = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n" +
		"POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello" +
		"POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nworld\r\n0\r\n\r\n" +
		"GET /../4 HTTP/1.1\r\nHost: a\r\n\r\n" +
		"GET /5 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
	want := []string{"200 /1 ", "200 /2 hello", "200 /3 world", "400  ", "200 /5 "}
	for _, size := range []int{1, 7, 100, len(all)} {
		c := dial(t, a)
		go func() {
			for rest := all; rest != ""; rest = rest[min(size, len(rest)):] {
				_, _ = io.WriteString(c, rest[:min(size, len(rest))])
			}
		}()
		for i, w := range want {
			got := c.read([]string{"GET", "POST", "POST", "GET", "GET"}[i])
			body := got.body
			if got.status == 400 {
				body = ""
			}
			if s := itoa(got.status) + " " + got.header.Get("Path") + " " + body; s != w {
				t.Fatalf("in pieces of %d, answer %d: %q, %v; want %q", size, i, s, got.err, w)
			}
		}
		c.wantClosed()
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestTrailersArePassedOnInBothDirections(t *testing.T) {
	a := start(t, script(t, func(p *peer) {
		for {
			r, err := http.ReadRequest(p.reader)
			if err != nil {
				return
			}
			_, _ = io.Copy(io.Discard, r.Body)
			sum, key := r.Trailer.Get("Sum"), r.Trailer.Get("Authorization")
			p.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nSum: " + sum + "\r\nKey:" + key + "\r\nContent-Length: 3\r\n\r\n")
		}
	}))
	c := dial(t, a)
	for _, pause := range []bool{false, true} {
		c.send("POST / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\n\r\n")
		if pause {
			c.send("5\r\nhello\r\n0\r\nSum:")
		} else {
			c.send("5;x=y\r\nhello\r\n0\r\nSum:")
		}
		c.send(" 7\r\nAUTHORIZATION: mine\r\n\r\n")
		c.skipHead()
		c.skip("2\r\nok\r\n0\r\nSum: 7\r\nKey: \r\n\r\n")
	}
}

func TestAServiceCanNotPassForTheSidecar(t *testing.T) {
	a := start(t, script(t, func(p *peer) {
		for p.request() != nil {
			p.write("HTTP/1.1 502 Bad Gateway\r\nAMBASSADOR-ERROR: forged\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nAmbassador_Error: forged\r\n\r\n")
		}
	}))
	got := dial(t, a).do(get)
	if got.status != 502 || got.header.Get("Ambassador-Error") != "" || len(got.trailer) > 0 {
		t.Errorf("%+v", got)
	}
}

func TestAnswersWithoutContentEndWithTheirHead(t *testing.T) {
	const length = "Content-Length: 5\r\n"
	a := start(t, script(t, func(p *peer) {
		for r := p.request(); r != nil; r = p.request() {
			switch {
			case r.Method == "HEAD":
				p.write("HTTP/1.1 200 OK\r\n" + length + "\r\n")
			case r.URL.Path == "/304":
				p.write("HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n" + length + "\r\n")
			default:
				p.write("HTTP/1.1 204 No Content\r\n\r\n")
			}
		}
	}))
	c := dial(t, a)
	for range 3 {
		if got := c.do("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"); got.status != 200 || got.header.Get("Content-Length") != "5" {
			t.Errorf("HEAD: %+v", got)
		}
		if got := c.do("GET /304 HTTP/1.1\r\nHost: a\r\n\r\n"); got.status != 304 || got.header.Get("Content-Length") != "5" {
			t.Errorf("304: %+v", got)
		}
		if got := c.do("GET /204 HTTP/1.1\r\nHost: a\r\n\r\n"); got.status != 204 || got.header.Get("Content-Length") != "" {
			t.Errorf("204: %+v", got)
		}
	}
	if got := c.do("HEAD /../ HTTP/1.1\r\nHost: a\r\n\r\n"); got.status != 400 || got.body != "" {
		t.Errorf("a problem for HEAD: %+v", got)
	}
	if got := c.do("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"); got.status != 200 {
		t.Errorf("HEAD after a problem: %+v", got)
	}
}

func TestHTTP10ClientsGetWhatTheyCanRead(t *testing.T) {
	wantNoLeak(t)
	a := start(t, script(t, func(p *peer) {
		for r := p.request(); r != nil; r = p.request() {
			if r.ProtoMinor != 1 || r.Host == "" {
				p.write("HTTP/1.1 500 Not HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
			}
			switch r.URL.Path {
			case "/length":
				p.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
			case "/chunked":
				p.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x\r\nllo\r\n0\r\nX: y\r\n\r\n")
			case "/close":
				p.write("HTTP/1.1 200 OK\r\n\r\nhello")
				return
			}
		}
	}))
	for _, path := range []string{"/length", "/chunked", "/close"} {
		c := dial(t, a)
		got := c.do("GET " + path + " HTTP/1.0\r\n\r\n")
		if got.status != 200 || got.body != "hello" || got.err != nil || got.header.Get("Transfer-Encoding") != "" {
			t.Errorf("%s: %+v", path, got)
		}
		c.wantClosed()
	}
	kept := dial(t, a)
	for range 2 {
		got := kept.do("GET /length HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
		if got.body != "hello" || got.header.Get("Connection") != "keep-alive" {
			t.Errorf("%+v", got)
		}
	}
	refused := kept.do("GET /..%2flength HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
	refused.wantProblem(t, 400, "unsafe-path")
	if refused.header.Get("Connection") != "keep-alive" {
		t.Errorf("%+v", refused)
	}
	if got := kept.do("GET /chunked HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"); got.body != "hello" {
		t.Errorf("%+v", got)
	}
	kept.wantClosed()
}

func TestAnAnswerThatEndsWithItsConnectionIsFramedAnew(t *testing.T) {
	long := strings.Repeat("0123456789", 20_000)
	a := start(t, script(t, func(p *peer) {
		p.request()
		p.write("HTTP/1.0 200 OK\r\n\r\n" + long)
	}))
	c := dial(t, a)
	for range 3 { // the client's connection stays
		if got := c.do(get); got.body != long || got.err != nil {
			t.Fatalf("%d bytes, %v; want %d", len(got.body), got.err, len(long))
		}
	}
}

func TestAProtocolSwitchBecomesATunnel(t *testing.T) {
	for _, tail := range []string{"", "first words"} {
		wantNoLeak(t)
		a := start(t, script(t, func(p *peer) {
			r, _ := http.ReadRequest(p.reader)
			if r.Header.Get("Upgrade") != "websocket" || r.Header.Get("Connection") != "Upgrade" || r.Header.Get("Sec-Websocket-Key") != "x" {
				p.write("HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n")
				return
			}
			p.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: y\r\n\r\nhello")
			_, _ = io.Copy(p, p.reader) // an echo, until the client has closed its direction
			p.write("bye")
		}))
		c := dial(t, a)
		c.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n" + tail)
		response, err := http.ReadResponse(c.reader, nil)
		if err != nil || response.StatusCode != 101 || response.Header.Get("Upgrade") != "websocket" || response.Header.Get("Sec-Websocket-Accept") != "y" {
			t.Fatalf("%+v, %v", response, err)
		}
		c.skip("hello" + tail)
		for range 3 {
			c.send("\x81\x00\xff\r\n\r\n")
			c.skip("\x81\x00\xff\r\n\r\n")
		}
		if err := c.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		c.skip("bye")
		c.wantClosed()
		eventually(t, "the switch is counted", func() bool {
			return a.metric(`ambassador_requests_total{ambassador="test",route="/",method="GET",code="1xx"}`) == "1"
		})
	}
}

func TestARefusedSwitchIsAnAnswerLikeAnyOther(t *testing.T) {
	a := start(t, script(t, func(p *peer) {
		for p.request() != nil {
			p.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")
		}
	}))
	c := dial(t, a)
	for range 2 {
		if got := c.do("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"); got.status != 403 || got.body != "no" {
			t.Errorf("%+v", got)
		}
	}
}
