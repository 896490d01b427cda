package guard

import (
	"cmp"
	"context"
	"sync/atomic"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// The rate limit's settings where the document has none.
const (
	defaultMaxWait     = 10 * time.Second
	defaultMaxCoolDown = time.Minute
	// defaultCoolDown is how long a service is left alone whose 429 does not say.
	defaultCoolDown = time.Second
)

// Options are what a Guard needs besides the policy.
type Options struct {
	// Name is the ambassador's, the label of the metrics.
	Name string
	// Metrics takes the counters. Nil: a set of its own.
	Metrics *metrics.Set
	// Previous is the ambassador's Guard under the document before, or nil.
	Previous *Guard
}

// Guard admits the calls to one service. It is safe for concurrent use. A nil Guard admits all.
type Guard struct {
	breaker  *breaker
	bucket   *bucket // nil: the rate is not bounded
	rest     *rest   // nil: it is never left alone
	inFlight *atomic.Int32
	most     int32 // in flight; 0: any number
	waits    bool  // over the rate
	maxWait  time.Duration
	maxRest  time.Duration
	counters counters
}

// New makes the guard of a valid policy, and nil where the policy asks for none.
func New(policy *config.Policy, options Options) *Guard {
	if policy.CircuitBreaker == nil && policy.RateLimit == nil && policy.MaxConcurrency == 0 {
		return nil
	}
	previous := options.Previous
	if previous == nil {
		previous = &Guard{inFlight: new(atomic.Int32)}
	}
	g := &Guard{
		breaker:  newBreaker(policy.CircuitBreaker, previous.breaker),
		bucket:   newBucket(policy.RateLimit, previous.bucket),
		inFlight: previous.inFlight,
		most:     int32(policy.MaxConcurrency),
		counters: newCounters(options.Metrics, options.Name),
	}
	if limit := policy.RateLimit; limit != nil {
		g.waits = limit.OnLimit == config.LimitWait
		g.maxWait = limit.MaxWait.Or(defaultMaxWait)
		g.maxRest = limit.MaxCoolDown.Or(defaultMaxCoolDown)
		g.rest = cmp.Or(previous.rest, new(rest))
	}
	return g
}

// Call is one attempt that was admitted. Its zero value is one that no guard knows of.
type Call struct {
	guard   *Guard
	era     uint32
	isHeard bool
}

// Try admits a call, or says why it may not go. Where mustWait is true neither is so yet: Wait is to be called.
func (g *Guard) Try() (call Call, mustWait bool, err error) {
	if g == nil {
		return Call{}, false, nil
	}
	call, wait, err := g.try(false)
	switch {
	case err != nil:
		return Call{}, false, g.refused(err)
	case wait == 0:
		return call, false, nil
	case !g.waits || wait > g.maxWait:
		return Call{}, false, g.refused(refuse(ErrRateLimited, wait))
	}
	return Call{}, true, nil
}

// Wait admits a call when its turn comes. It ends with the context's error when that ends first, and with a [*Refusal]
// where the turn would not come within the time that the policy grants, or where the breaker has opened.
func (g *Guard) Wait(ctx context.Context) (Call, error) {
	g.counters.waits.Inc()
	deadline := time.NewTimer(g.maxWait)
	defer deadline.Stop()
	ends := time.Now().Add(g.maxWait)
	if g.bucket != nil {
		g.bucket.waiting.Add(1)
		defer g.bucket.waiting.Add(-1)
		select {
		case g.bucket.first <- struct{}{}:
			defer func() { <-g.bucket.first }()
		case <-ctx.Done():
			return Call{}, ctx.Err()
		case <-deadline.C:
			return Call{}, g.refused(refuse(ErrRateLimited, g.left(false)))
		}
	}
	for {
		call, wait, err := g.try(true)
		switch {
		case err != nil:
			return Call{}, g.refused(err)
		case wait == 0:
			return call, nil
		case wait > time.Until(ends):
			return Call{}, g.refused(refuse(ErrRateLimited, wait))
		}
		if err := pause(ctx, wait); err != nil {
			return Call{}, err
		}
	}
}

func pause(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// try takes all that a call needs, or nothing: wait is the time until it may be worth trying again.
func (g *Guard) try(isFirst bool) (call Call, wait time.Duration, err error) {
	if !g.enter() {
		return Call{}, 0, refuse(ErrTooManyCalls, 0)
	}
	era, err := g.breaker.admit()
	if err != nil {
		g.inFlight.Add(-1)
		return Call{}, 0, err
	}
	if wait = g.left(isFirst); wait > 0 {
		g.breaker.judge(era, nothing)
		g.inFlight.Add(-1)
		return Call{}, wait, nil
	}
	return Call{guard: g, era: era}, 0, nil
}

// enter takes a slot, where there is one.
func (g *Guard) enter() bool {
	for {
		n := g.inFlight.Load()
		if g.most > 0 && n >= g.most {
			return false
		}
		if g.inFlight.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// left takes a token and returns zero, or returns how long it takes until one can be taken.
func (g *Guard) left(isFirst bool) time.Duration {
	if wait := g.CoolDown(); wait > 0 {
		return wait
	}
	return g.bucket.take(isFirst)
}

// Outcome is how an attempt went.
type Outcome struct {
	// Status is the answer's; zero where none came.
	Status int
	// RetryAfter is what the answer asks for, HasRetryAfter that it does.
	RetryAfter    time.Duration
	HasRetryAfter bool
}

// Heard takes in how the attempt went, as soon as that is known. Only the first time counts.
func (c *Call) Heard(o Outcome) {
	if c.guard == nil || c.isHeard {
		return
	}
	c.isHeard = true
	v := success
	if o.Status == 0 || o.Status >= 500 {
		v = failure
	}
	if c.guard.breaker.judge(c.era, v) {
		c.guard.counters.opened.Inc()
	}
	c.guard.cool(o)
}

// cool begins or extends the cool-down where the answer asks for it.
func (g *Guard) cool(o Outcome) {
	if g.rest == nil || o.Status != 429 && (o.Status != 503 || !o.HasRetryAfter) {
		return
	}
	by := defaultCoolDown
	if o.HasRetryAfter {
		by = o.RetryAfter
	}
	if by = min(by, g.maxRest); by > 0 {
		g.rest.extend(by)
		g.counters.coolDowns.Inc()
	}
}

// End ends the attempt. It is called once for each call, however it went; more often does no harm.
func (c *Call) End() {
	g := c.guard
	if g == nil {
		return
	}
	c.guard = nil
	if !c.isHeard {
		g.breaker.judge(c.era, nothing)
	}
	g.inFlight.Add(-1)
}
