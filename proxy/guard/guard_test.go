package guard

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

func TestAPolicyWithoutBoundsHasNoGuard(t *testing.T) {
	g := newGuard(config.Policy{Retry: &config.Retry{Attempts: 3}})
	if g != nil {
		t.Fatalf("%+v", g)
	}
	call := mustTry(t, g)
	call.end(500)
	if g.Look() != nil || g.CoolDown() != 0 || g.IsOpen(0) {
		t.Error("a nil guard has a state")
	}
}

func TestNoMoreCallsAreInFlightThanMayBe(t *testing.T) {
	g := newGuard(config.Policy{MaxConcurrency: 2})
	first, second := mustTry(t, g), mustTry(t, g)
	wantRefused(t, g, ErrTooManyCalls, 0)
	first.Heard(Outcome{Status: 200}) // the head, not the end
	wantRefused(t, g, ErrTooManyCalls, 0)
	first.End()
	third := mustTry(t, g)
	second.End()
	third.End()
	if n := g.Look().InFlight; n != 0 {
		t.Errorf("%d calls in flight", n)
	}
}

func TestARefusedCallTakesNoToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(config.Policy{MaxConcurrency: 1, RateLimit: &config.RateLimit{Requests: 2, Per: seconds(60)}})
		first := mustTry(t, g)
		for range 5 {
			wantRefused(t, g, ErrTooManyCalls, 0)
		}
		first.End()
		mustTry(t, g).End()
		wantRefused(t, g, ErrRateLimited, 30*time.Second)
	})
}

func TestWhatDoesNotChangeKeepsItsState(t *testing.T) {
	policy := func(change func(*config.Policy)) *config.Policy {
		p := &config.Policy{
			MaxConcurrency: 5,
			CircuitBreaker: &config.CircuitBreaker{ConsecutiveFailures: 1},
			RateLimit:      &config.RateLimit{Requests: 10, Per: seconds(10)},
		}
		change(p)
		return p
	}
	for _, row := range []struct {
		name            string
		change          func(*config.Policy)
		circuit, bucket bool // are kept
	}{
		{"nothing", func(*config.Policy) {}, true, true},
		{"the rate", func(p *config.Policy) { p.RateLimit.Requests = 20 }, true, false},
		{"the default spelled out", func(p *config.Policy) { p.RateLimit.Burst = 10 }, true, true},
		{"what is done over the rate", func(p *config.Policy) { p.RateLimit.OnLimit = config.LimitWait }, true, true},
		{"the bound of calls", func(p *config.Policy) { p.MaxConcurrency = 7 }, true, true},
		{"the breaker", func(p *config.Policy) { p.CircuitBreaker.ConsecutiveFailures = 2 }, false, true},
		{"retries", func(p *config.Policy) { p.Retry = &config.Retry{Attempts: 5} }, true, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				before := New(policy(func(*config.Policy) {}), Options{})
				open := mustTry(t, before)
				for range 4 {
					mustTry(t, before).End()
				}
				mustTry(t, before).end(500)
				after := New(policy(row.change), Options{Previous: before})
				if kept := after.Look().Circuit == "open"; kept != row.circuit {
					t.Errorf("the breaker is kept: %v", kept)
				}
				if kept := after.bucket.limiter.Tokens() < 5; kept != row.bucket {
					t.Errorf("the bucket is kept: %v", kept)
				}
				if n := after.Look().InFlight; n != 1 {
					t.Errorf("%d calls in flight, want the one of before", n)
				}
				open.End()
				if n := after.Look().InFlight; n != 0 {
					t.Errorf("%d calls in flight after it has ended", n)
				}
			})
		})
	}
}

func TestACoolDownOutlivesAChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := newGuard(config.Policy{RateLimit: &config.RateLimit{}})
		call := mustTry(t, before)
		call.Heard(Outcome{Status: 429, RetryAfter: 20 * time.Second, HasRetryAfter: true})
		call.End()
		after := New(&config.Policy{RateLimit: &config.RateLimit{Requests: 5}}, Options{Previous: before})
		wantRefused(t, after, ErrRateLimited, 20*time.Second)
	})
}

func TestSumsAgreeUnderLoad(t *testing.T) {
	g := newGuard(config.Policy{
		MaxConcurrency: 3,
		CircuitBreaker: &config.CircuitBreaker{ConsecutiveFailures: 5, OpenFor: config.Duration(time.Millisecond), Probes: 2},
		RateLimit:      &config.RateLimit{Requests: 1000, Per: config.Duration(10 * time.Millisecond), Burst: 5, OnLimit: config.LimitWait},
	})
	var callers sync.WaitGroup
	for i := range 16 {
		callers.Go(func() {
			for n := range 200 {
				call, mustWait, err := g.Try()
				if mustWait {
					call, err = g.Wait(t.Context())
				}
				if err != nil {
					continue
				}
				if (i+n)%3 > 0 {
					call.Heard(Outcome{Status: 200 + (i+n)%2*300})
				}
				if n := g.Look().InFlight; n > 3 {
					t.Errorf("%d in flight", n)
				}
				call.End()
			}
		})
	}
	callers.Wait()
	if s := g.Look(); s.InFlight != 0 || s.Waiting != 0 {
		t.Errorf("%+v", s)
	}
}
