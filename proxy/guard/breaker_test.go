package guard

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

func newGuard(policy config.Policy) *Guard { return New(&policy, Options{Name: "test"}) }

func TestFailuresInARowOpenTheCircuit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(config.Policy{CircuitBreaker: &config.CircuitBreaker{ConsecutiveFailures: 3, OpenFor: seconds(5)}})
		for _, status := range []int{500, 0, 404, 200, 503, 599} { // a success in between
			mustTry(t, g).end(status)
		}
		mustTry(t, g).end(0)
		wantRefused(t, g, ErrCircuitOpen, 5*time.Second)
		time.Sleep(2 * time.Second)
		wantRefused(t, g, ErrCircuitOpen, 3*time.Second)
		time.Sleep(3 * time.Second)
		probe := mustTry(t, g)
		wantRefused(t, g, ErrCircuitOpen, 0)
		probe.end(200)
		mustTry(t, g).end(200)
		if state := g.Look(); state.Circuit != "closed" || state.InFlight != 0 {
			t.Errorf("%+v", state)
		}
	})
}

func TestARateOfFailuresWithinAWindowOpensTheCircuit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(config.Policy{CircuitBreaker: &config.CircuitBreaker{FailureRate: 50, MinRequests: 4, Window: seconds(10)}})
		for range 3 { // fewer than count
			mustTry(t, g).end(500)
		}
		time.Sleep(11 * time.Second) // and too old
		for _, status := range []int{500, 200, 200, 200, 500} {
			mustTry(t, g).end(status)
		}
		mustTry(t, g).end(500)
		wantRefused(t, g, ErrCircuitOpen, 30*time.Second)
	})
}

func TestOnlyProbesGoWhileTheCircuitIsHalfOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(config.Policy{CircuitBreaker: &config.CircuitBreaker{ConsecutiveFailures: 1, OpenFor: seconds(1), Probes: 3}})
		early := mustTry(t, g)
		mustTry(t, g).end(500)
		time.Sleep(time.Second)
		probes := []*Call{mustTry(t, g), mustTry(t, g), mustTry(t, g)}
		wantRefused(t, g, ErrCircuitOpen, 0)

		early.end(200) // began before: it says nothing now
		probes[0].end(200)
		wantRefused(t, g, ErrCircuitOpen, 0)

		probes[1].End() // the client went: the next call takes its place
		again := mustTry(t, g)
		wantRefused(t, g, ErrCircuitOpen, 0)
		again.end(200)
		if state := g.Look().Circuit; state != "half-open" {
			t.Fatalf("the circuit is %s with a probe to go", state)
		}
		probes[2].end(200)
		if state := g.Look().Circuit; state != "closed" {
			t.Errorf("the circuit is %s after three probes", state)
		}
	})
}

func TestAProbeThatFailsOpensTheCircuitAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(config.Policy{CircuitBreaker: &config.CircuitBreaker{ConsecutiveFailures: 1, OpenFor: seconds(1), Probes: 2}})
		mustTry(t, g).end(500)
		time.Sleep(time.Second)
		good, bad := mustTry(t, g), mustTry(t, g)
		good.end(200)
		bad.end(502)
		wantRefused(t, g, ErrCircuitOpen, time.Second)
	})
}

func TestACallOfWhichNothingIsHeardCountsForNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(config.Policy{CircuitBreaker: &config.CircuitBreaker{ConsecutiveFailures: 2}})
		mustTry(t, g).end(500)
		for range 10 {
			call := mustTry(t, g)
			call.End()
			call.End()
		}
		if state := g.Look(); state.Circuit != "closed" || state.InFlight != 0 {
			t.Fatalf("%+v", state)
		}
		mustTry(t, g).end(500) // the second in a row
		wantRefused(t, g, ErrCircuitOpen, 30*time.Second)
	})
}

func TestNoMoreProbesThanMayGoEverAreInFlight(t *testing.T) {
	g := newGuard(config.Policy{CircuitBreaker: &config.CircuitBreaker{ConsecutiveFailures: 1, OpenFor: 1, Probes: 4}})
	mustTry(t, g).end(500)
	var callers sync.WaitGroup
	var mutex sync.Mutex
	var probes []*Call
	for range 32 {
		callers.Go(func() {
			for range 100 {
				if call, _, err := g.Try(); err == nil {
					mutex.Lock()
					probes = append(probes, &call)
					mutex.Unlock()
				}
			}
		})
	}
	callers.Wait()
	if len(probes) != 4 {
		t.Errorf("%d probes in flight, want 4", len(probes))
	}
	for _, probe := range probes {
		probe.end(200)
	}
	if state := g.Look().Circuit; state != "closed" {
		t.Errorf("the circuit is %s", state)
	}
}
