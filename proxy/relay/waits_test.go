package relay_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// slack is how late a deadline may be kept: the watcher's tick, and what a busy machine adds.
const slack = 900 * time.Millisecond

func withCall(d time.Duration) func(*setup) {
	return func(s *setup) { s.config.Upstream.Timeouts.Call = config.Duration(d) }
}

func TestACallEndsAtItsDeadlineWhateverItWaitsFor(t *testing.T) {
	const call = 300 * time.Millisecond
	slow := func(s *setup) {
		s.config.Policy.RateLimit = &config.RateLimit{Requests: 1, Per: config.Duration(5 * time.Second), OnLimit: config.LimitWait}
	}
	for _, row := range []struct {
		name    string
		play    func(int) string
		changes []func(*setup)
		request string
		first   bool // a request goes before
	}{
		{"an answer", inOrder("hang"), []func(*setup){withCall(call)}, get, false},
		{"an answer to a request with content", inOrder("hang"), []func(*setup){withCall(call)}, post, false},
		{"the client's content", inOrder("hang"), []func(*setup){withCall(call)}, "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhi", false},
		{"its turn", inOrder(ok), []func(*setup){withCall(call), slow}, get, true},
		{"an answer, attempt by attempt", inOrder("hang"), []func(*setup){withCall(call), func(s *setup) {
			again := everything(10)
			again.PerTryTimeout, again.BaseBackoff = config.Duration(20*time.Millisecond), 1
			s.config.Policy.Retry = &again
		}}, get, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			wantNoLeak(t)
			url, _ := service(t, row.play)
			a := start(t, url, row.changes...)
			c := dial(t, a)
			if row.first {
				c.do(get)
			}
			began := time.Now()
			c.send(row.request)
			method, _, _ := strings.Cut(row.request, " ")
			got := c.read(method)
			took := time.Since(began)
			got.wantProblem(t, 504, "deadline-exceeded")
			if took < call || took > call+slack {
				t.Errorf("it took %v", took)
			}
			a.wantAlive(t)
		})
	}
}

func TestARetryThatWouldComeTooLateIsNotWaitedFor(t *testing.T) {
	url, seen := service(t, inOrder(limited("5"), ok))
	a := start(t, url, withRetry(everything(2)), withCall(2*time.Second))
	began := time.Now()
	if got := dial(t, a).do(get); got.status != 429 || got.body != "limited" || seen.count() != 1 {
		t.Errorf("%+v after %d requests", got, seen.count())
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %v", took)
	}
}
