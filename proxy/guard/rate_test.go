package guard

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

func TestCallsOverTheRateAreRefusedUntilThereIsAToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(config.Policy{RateLimit: &config.RateLimit{Requests: 2, Per: seconds(10), Burst: 3}})
		for range 3 {
			mustTry(t, g).end(200)
		}
		wantRefused(t, g, ErrRateLimited, 5*time.Second)
		time.Sleep(2 * time.Second)
		wantRefused(t, g, ErrRateLimited, 3*time.Second)
		time.Sleep(3 * time.Second)
		mustTry(t, g).end(200)
		wantRefused(t, g, ErrRateLimited, 5*time.Second)
	})
}

func TestCallsOverTheRateWaitForTheirTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(config.Policy{RateLimit: &config.RateLimit{Requests: 1, OnLimit: config.LimitWait, MaxWait: seconds(3.5)}})
		start := time.Now()
		var calls sync.WaitGroup
		for i := range 6 { // one at once, three within 3.5 s, two that would take longer
			synctest.Wait()
			calls.Go(func() {
				err := wait(t.Context(), t, g)
				took := time.Since(start).Round(time.Millisecond)
				switch {
				case i < 4 && (err != nil || took != time.Duration(i)*time.Second):
					t.Errorf("call %d: after %v: %v", i, took, err)
				case i >= 4 && (!errors.Is(err, ErrRateLimited) || took != 0):
					t.Errorf("call %d: after %v: %v; want it refused at once", i, took, err)
				}
			})
		}
		calls.Wait()
	})
}

func TestAWaitingCallThatGoesAwayLeavesItsTurnToTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(config.Policy{RateLimit: &config.RateLimit{Requests: 1, OnLimit: config.LimitWait}})
		mustTry(t, g).end(200)
		ctx, leave := context.WithCancel(t.Context())
		start := time.Now()
		var calls sync.WaitGroup
		for range 2 {
			calls.Go(func() {
				if err := wait(ctx, t, g); !errors.Is(err, context.Canceled) {
					t.Errorf("a call that went away: %v", err)
				}
			})
			synctest.Wait()
		}
		calls.Go(func() {
			if err := wait(t.Context(), t, g); err != nil || time.Since(start).Round(time.Millisecond) != time.Second {
				t.Errorf("the third is first now: after %v: %v", time.Since(start), err)
			}
		})
		synctest.Wait()
		time.Sleep(500 * time.Millisecond)
		leave()
		calls.Wait()
		if state := g.Look(); state.InFlight != 0 || state.Waiting != 0 {
			t.Errorf("%+v", state)
		}
	})
}

func TestAfterA429NoCallGoes(t *testing.T) {
	limit := func(l config.RateLimit) *Guard { return newGuard(config.Policy{RateLimit: &l}) }
	for _, row := range []struct {
		name    string
		guard   func() *Guard
		outcome Outcome
		left    time.Duration
	}{
		{"429 that says how long", func() *Guard { return limit(config.RateLimit{}) }, Outcome{Status: 429, RetryAfter: 7 * time.Second, HasRetryAfter: true}, 7 * time.Second},
		{"429 that does not", func() *Guard { return limit(config.RateLimit{}) }, Outcome{Status: 429}, time.Second},
		{"429 that says at once", func() *Guard { return limit(config.RateLimit{}) }, Outcome{Status: 429, HasRetryAfter: true}, 0},
		{"429 that says a year", func() *Guard { return limit(config.RateLimit{}) }, Outcome{Status: 429, RetryAfter: 8760 * time.Hour, HasRetryAfter: true}, time.Minute},
		{"a bound of its own", func() *Guard { return limit(config.RateLimit{MaxCoolDown: seconds(2)}) }, Outcome{Status: 429, RetryAfter: time.Hour, HasRetryAfter: true}, 2 * time.Second},
		{"503 that says how long", func() *Guard { return limit(config.RateLimit{}) }, Outcome{Status: 503, RetryAfter: 7 * time.Second, HasRetryAfter: true}, 7 * time.Second},
		{"503 that does not", func() *Guard { return limit(config.RateLimit{}) }, Outcome{Status: 503}, 0},
		{"200 with a Retry-After", func() *Guard { return limit(config.RateLimit{}) }, Outcome{Status: 200, RetryAfter: time.Second, HasRetryAfter: true}, 0},
		{"no rate limit", func() *Guard { return newGuard(config.Policy{MaxConcurrency: 1}) }, Outcome{Status: 429}, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := row.guard()
				call := mustTry(t, g)
				call.Heard(row.outcome)
				call.End()
				if row.left > 0 {
					wantRefused(t, g, ErrRateLimited, row.left)
				}
				time.Sleep(row.left)
				mustTry(t, g).end(200)
			})
		})
	}
}

func TestWaitingCallsSitACoolDownOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(config.Policy{RateLimit: &config.RateLimit{Requests: 1, OnLimit: config.LimitWait, MaxWait: seconds(5)}})
		start := time.Now()
		first := mustTry(t, g)
		var calls sync.WaitGroup
		calls.Go(func() { // would go after 1 s, but for the cool-down
			if err := wait(t.Context(), t, g); err != nil || time.Since(start).Round(time.Millisecond) != 3*time.Second {
				t.Errorf("after %v: %v", time.Since(start), err)
			}
		})
		synctest.Wait()
		first.Heard(Outcome{Status: 429, RetryAfter: 3 * time.Second, HasRetryAfter: true})
		first.End()
		calls.Wait()

		last := mustAdmit(t, g)
		last.Heard(Outcome{Status: 429, RetryAfter: 30 * time.Second, HasRetryAfter: true})
		last.End()
		wantRefused(t, g, ErrRateLimited, 30*time.Second)
	})
}

// mustAdmit waits until a call is admitted.
func mustAdmit(t *testing.T, g *Guard) *Call {
	t.Helper()
	call, mustWait, err := g.Try()
	if mustWait {
		call, err = g.Wait(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	return &call
}

func TestWaitingCallsAreRefusedWhenTheCircuitOpens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(config.Policy{
			RateLimit:      &config.RateLimit{Requests: 1, OnLimit: config.LimitWait},
			CircuitBreaker: &config.CircuitBreaker{ConsecutiveFailures: 1},
		})
		first := mustTry(t, g)
		var calls sync.WaitGroup
		calls.Go(func() {
			if err := wait(t.Context(), t, g); !errors.Is(err, ErrCircuitOpen) {
				t.Errorf("%v", err)
			}
		})
		synctest.Wait()
		first.end(500)
		calls.Wait()
	})
}
