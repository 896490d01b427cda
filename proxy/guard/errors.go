package guard

import (
	"errors"
	"time"
)

// Why a call may not go now. Every refusal is a [*Refusal] that wraps one of these.
var (
	// ErrCircuitOpen: the service has failed too often, and is left alone for a while.
	ErrCircuitOpen = errors.New("the circuit breaker is open")
	// ErrRateLimited: the rate is used up, or the service has asked to be left alone.
	ErrRateLimited = errors.New("the rate limit is reached")
	// ErrTooManyCalls: as many calls are in flight as may be.
	ErrTooManyCalls = errors.New("too many calls in flight")
)

// Refusal says why a call may not go now, and when it is worth asking again.
type Refusal struct {
	// Reason is one of this package's sentinel errors.
	Reason error
	// After is the time until a call may go, as far as can be known; zero where it can not.
	After time.Duration
}

func (r *Refusal) Error() string { return r.Reason.Error() }

// Unwrap returns the reason.
func (r *Refusal) Unwrap() error { return r.Reason }

func refuse(reason error, after time.Duration) error { return &Refusal{Reason: reason, After: after} }
