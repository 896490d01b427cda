package relay_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// slowly answers with a byte every tenth of a second, without an end.
func slowly(p *peer) {
	p.request()
	p.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
	for turn := time.NewTicker(100 * time.Millisecond); ; <-turn.C {
		if _, err := io.WriteString(p, "x"); err != nil {
			turn.Stop()
			return
		}
	}
}

func TestACallEndsAtItsDeadline(t *testing.T) {
	silent := func(p *peer) { p.request(); p.untilClosed() }
	call := func(d time.Duration) config.Timeouts { return config.Timeouts{Call: config.Duration(d)} }
	header := config.Timeouts{DeadlineHeader: "X-Timeout"}
	for _, row := range []struct {
		name     string
		timeouts config.Timeouts
		field    string
	}{
		{"the route's", call(300 * time.Millisecond), ""},
		{"the client's, in seconds", header, "X-Timeout: 0.3\r\n"},
		{"the client's, a duration", header, "x-timeout: 300ms\r\n"},
		{"the client's, as it is the sooner", config.Timeouts{Call: config.Duration(time.Minute), DeadlineHeader: "X-Timeout"}, "X-Timeout: 0.3\r\n"},
		{"the route's, as it is the sooner", config.Timeouts{Call: config.Duration(300 * time.Millisecond), DeadlineHeader: "X-Timeout"}, "X-Timeout: 60\r\n"},
	} {
		t.Run(row.name, func(t *testing.T) {
			wantNoLeak(t)
			a := start(t, script(t, silent), withRoutes(config.Route{Path: "/", Timeouts: row.timeouts}))
			c := dial(t, a)
			began := time.Now()
			c.do("GET / HTTP/1.1\r\nHost: a\r\n"+row.field+"\r\n").wantProblem(t, 504, "deadline-exceeded")
			if took := time.Since(began); took < 300*time.Millisecond || took > 2*time.Second {
				t.Errorf("after %s", took)
			}
			a.wantFailure(t, "deadline-exceeded")
			a.wantAlive(t)
		})
	}
}

// An answer that never ends is cut, though bytes keep coming.
func TestAnAnswerIsCutAtItsCallsDeadline(t *testing.T) {
	wantNoLeak(t)
	a := start(t, script(t, slowly), withRoutes(config.Route{Path: "/", Timeouts: config.Timeouts{Call: config.Duration(500 * time.Millisecond)}}))
	got := dial(t, a).do(get)
	if got.status != 200 || got.err == nil {
		t.Errorf("got %+v", got)
	}
	a.wantFailure(t, "deadline-exceeded")
	a.wantAlive(t)
}

func TestTheDeadlineFieldIsReadAndNotPassedOn(t *testing.T) {
	a := start(t, serveHTTP(t, echo).URL, withRoutes(config.Route{Path: "/", Timeouts: config.Timeouts{DeadlineHeader: "X-Debug"}}))
	c := dial(t, a)
	if got := c.do("GET / HTTP/1.1\r\nHost: a\r\nX-Debug: 30\r\n\r\n"); !strings.Contains(got.body, "debug=\n") {
		t.Errorf("got %+v", got)
	}
	for _, bad := range []string{"soon", "-1", "0", "NaN", "Inf", "1e300", "5 s", ""} {
		c.do("GET / HTTP/1.1\r\nHost: a\r\nX-Debug: "+bad+"\r\n\r\n").wantProblem(t, 400, "bad-deadline")
	}
	if got := c.do(get); got.status != 200 {
		t.Errorf("without one: %+v", got)
	}
}
