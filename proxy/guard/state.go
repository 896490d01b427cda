package guard

import (
	"errors"
	"time"

	"github.com/VictoriaMetrics/metrics"
)

// counters are the metrics of what a guard did.
type counters struct{ open, limited, full, waits, opened, coolDowns *metrics.Counter }

func newCounters(set *metrics.Set, name string) counters {
	if set == nil {
		set = metrics.NewSet()
	}
	label := `{ambassador="` + name + `"`
	refused := func(reason string) *metrics.Counter {
		return set.GetOrCreateCounter("ambassador_calls_refused_total" + label + `,reason="` + reason + `"}`)
	}
	return counters{
		open:      refused("circuit-open"),
		limited:   refused("rate-limited"),
		full:      refused("too-many-calls"),
		waits:     set.GetOrCreateCounter("ambassador_rate_limit_waits_total" + label + "}"),
		opened:    set.GetOrCreateCounter("ambassador_circuit_breaker_opened_total" + label + "}"),
		coolDowns: set.GetOrCreateCounter("ambassador_cool_downs_total" + label + "}"),
	}
}

// refused counts a refusal.
func (g *Guard) refused(err error) error {
	switch {
	case errors.Is(err, ErrCircuitOpen):
		g.counters.open.Inc()
	case errors.Is(err, ErrRateLimited):
		g.counters.limited.Inc()
	default:
		g.counters.full.Inc()
	}
	return err
}

// States are those that a circuit breaker can have.
var States = [...]string{"closed", "half-open", "open"}

// State is what a guard looks like at one moment, in metrics and in /status.
type State struct {
	// Circuit is one of States. Empty: there is no breaker.
	Circuit string `json:"circuit,omitempty"`
	// OpenFor is how long the circuit stays open at least, in seconds.
	OpenFor float64 `json:"openForSeconds,omitempty"`
	// CoolDown is how long no call goes to the service, in seconds.
	CoolDown float64 `json:"coolDownSeconds,omitempty"`
	// Waiting are the calls that wait for their turn.
	Waiting int `json:"waiting,omitempty"`
	// InFlight are the calls that were admitted and have not ended.
	InFlight int `json:"inFlight"`
}

// Look returns the guard's state; nil for a nil Guard.
func (g *Guard) Look() *State {
	if g == nil {
		return nil
	}
	s := &State{CoolDown: g.CoolDown().Seconds(), InFlight: int(g.inFlight.Load())}
	if g.breaker != nil {
		state, left := g.breaker.look()
		s.Circuit, s.OpenFor = state, left.Seconds()
	}
	if g.bucket != nil {
		s.Waiting = int(g.bucket.waiting.Load())
	}
	return s
}

// CoolDown returns how long no call goes to the service because it has asked for that.
func (g *Guard) CoolDown() time.Duration {
	if g == nil || g.rest == nil {
		return 0
	}
	return g.rest.left()
}

// IsOpen reports whether the breaker lets no call through within the next time.
func (g *Guard) IsOpen(within time.Duration) bool {
	if g == nil || g.breaker == nil {
		return false
	}
	_, left := g.breaker.look()
	return left > within
}
