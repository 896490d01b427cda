package guard

import (
	"cmp"
	"sync"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// The breaker's settings where the document has none.
const (
	defaultWindow      = time.Minute
	defaultMinRequests = 10
	defaultOpenFor     = 30 * time.Second
	defaultProbes      = 1
)

// breaker is a circuit breaker. The library counts results while it is closed and keeps the time while it is open. Which
// calls are probes is decided here: the library would let one more through for each that succeeds, would take the result
// of a call from before it opened for a probe's, and has no way to return a permit without a result.
type breaker struct {
	settings config.CircuitBreaker

	mutex   sync.Mutex // guards what follows
	circuit circuitbreaker.CircuitBreaker[any]
	era     uint32 // counts the changes of state
	probing int    // probes in flight
	passed  int    // probes that succeeded
}

// newBreaker returns nil where there are no settings, and the previous one where they are equal.
func newBreaker(settings *config.CircuitBreaker, previous *breaker) *breaker {
	switch {
	case settings == nil:
		return nil
	case previous != nil && previous.settings == *settings:
		return previous
	}
	builder := circuitbreaker.NewBuilder[any]().WithDelay(settings.OpenFor.Or(defaultOpenFor))
	if settings.ConsecutiveFailures > 0 {
		builder = builder.WithFailureThreshold(uint(settings.ConsecutiveFailures))
	} else {
		builder = builder.WithFailureRateThreshold(float64(settings.FailureRate)/100,
			uint(cmp.Or(settings.MinRequests, defaultMinRequests)), settings.Window.Or(defaultWindow))
	}
	return &breaker{settings: *settings, circuit: builder.Build()}
}

// admit returns the era that the call belongs to.
func (b *breaker) admit() (era uint32, err error) {
	if b == nil {
		return 0, nil
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	switch {
	case b.circuit.IsClosed():
		return b.era, nil
	case b.circuit.IsOpen():
		if left := b.circuit.RemainingDelay(); left > 0 {
			return 0, refuse(ErrCircuitOpen, left)
		}
		b.circuit.HalfOpen()
		b.turn()
	}
	if b.probing+b.passed >= cmp.Or(b.settings.Probes, defaultProbes) {
		return 0, refuse(ErrCircuitOpen, 0)
	}
	b.probing++
	return b.era, nil
}

// turn begins another era.
func (b *breaker) turn() {
	b.era++
	b.probing, b.passed = 0, 0
}

// verdict is what a call says of the service.
type verdict uint8

const (
	nothing verdict = iota
	success
	failure
)

// judge takes in what a call of an era says. It reports whether the breaker has opened by that.
func (b *breaker) judge(era uint32, v verdict) (opened bool) {
	if b == nil {
		return false
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	switch {
	case era != b.era:
		return false
	case b.circuit.IsHalfOpen():
		return b.judgeProbe(v)
	case v == success:
		b.circuit.RecordSuccess()
	case v == failure:
		b.circuit.RecordFailure()
	}
	if opened = b.circuit.IsOpen(); opened {
		b.turn()
	}
	return opened
}

func (b *breaker) judgeProbe(v verdict) (opened bool) {
	b.probing--
	switch v {
	case failure:
		b.circuit.Open()
		b.turn()
		return true
	case success:
		if b.passed++; b.passed == cmp.Or(b.settings.Probes, defaultProbes) {
			b.circuit.Close()
			b.turn()
		}
	}
	return false
}

// look returns the state, and how long it stays open at least.
func (b *breaker) look() (state string, left time.Duration) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.circuit.State().String(), b.circuit.RemainingDelay()
}
