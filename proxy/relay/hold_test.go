package relay_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// TestARefusedRequestShowsNothingOfAnother sends a malformed request after others on whose exchange it may come.
func TestARefusedRequestShowsNothingOfAnother(t *testing.T) {
	log := new(lockedBuffer)
	a := start(t, parrot(t, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), func(s *setup) {
		s.config.Routes = []config.Route{{Path: "/a", Methods: []string{"GET"}}}
		s.service.Logger = slog.New(slog.NewTextHandler(log, nil))
	})
	c := dial(t, a)
	if got := c.do("POST /a/" + strings.Repeat("b", 50) + " HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"); got.status != 405 {
		t.Fatalf("%+v", got)
	}
	c.send("GET /a?token=PRIVATE&x=" + strings.Repeat("y", 50) + " HTTP/9.9\r\nHost: a\r\n\r\n")
	got := c.read("GET")
	if got.status != 505 || got.header.Get("Allow") != "" {
		t.Errorf("status %d, Allow %q", got.status, got.header.Get("Allow"))
	}
	c.wantClosed()
	eventually(t, "the refusal is logged", func() bool { return strings.Contains(log.String(), "version") })
	if strings.Contains(log.String(), "PRIVATE") {
		t.Errorf("the log has the query: %s", log.String())
	}
}

// lockedBuffer is a log that is read while it is written.
type lockedBuffer struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.text.String()
}

func TestAMalformedTrailerEndsTheConnection(t *testing.T) {
	a := start(t, parrot(t, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
	c := dial(t, a)
	c.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nbad trailer\r\n\r\n\r\n" + get)
	if got := c.read("POST"); got.status != 400 {
		t.Errorf("%+v", got)
	}
	c.wantClosed()
}

func TestAClientThatDoesNotReadHoldsNoPlaceForGood(t *testing.T) {
	const moment = config.Duration(300 * time.Millisecond)
	a := start(t, parrot(t, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), func(s *setup) {
		s.server.MaxRequests = 1
		s.config.Upstream.Timeouts = config.Timeouts{Response: moment, Idle: moment}
		s.config.Routes = []config.Route{{Path: "/a"}}
	})
	for _, request := range []string{"GET /no HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"} {
		c := dial(t, a)
		_ = c.SetReadBuffer(4 << 10)
		_, _ = io.WriteString(c, strings.Repeat(request, 150_000)) // until the server has enough of it
		eventually(t, "another client is served", func() bool { return dial(t, a).do("GET /a HTTP/1.1\r\nHost: a\r\n\r\n").status == 200 })
		c.Close()
	}
}

func TestAClientThatKeepsReadingIsNotCut(t *testing.T) {
	const size = 4 << 20
	a := start(t, script(t, func(p *peer) {
		p.request()
		p.write(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", size))
		p.write(strings.Repeat("x", size))
		p.untilClosed()
	}), func(s *setup) {
		s.config.Upstream.Timeouts = config.Timeouts{Idle: config.Duration(500 * time.Millisecond)}
	})
	c := dial(t, a)
	_ = c.SetReadBuffer(16 << 10)
	c.send(get)
	slowly := time.NewTicker(20 * time.Millisecond)
	defer slowly.Stop()
	room := make([]byte, 64<<10)
	for total := 0; total < size; <-slowly.C {
		n, err := c.Read(room)
		if total += n; err != nil {
			t.Fatalf("cut after %d bytes: %v", total, err)
		}
	}
}

func TestARedirectDoesNotHandOutTheQueryCredential(t *testing.T) {
	a := start(t, parrot(t, "HTTP/1.1 301 Moved Permanently\r\nLocation: https://service/3/?a=b&api_key=s3cret\r\n"+
		"Link: <https://service/3?page=2&api_key=s3cret>; rel=\"next\"\r\nContent-Length: 0\r\n\r\n"))
	got := dial(t, a).do(get)
	if got.header.Get("Location") != "https://service/3/?a=b&" || strings.Contains(fmt.Sprint(got.header), "s3cret") {
		t.Errorf("%+v", got.header)
	}
}
