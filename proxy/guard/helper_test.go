package guard

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

func seconds(n float64) config.Duration { return config.Duration(n * float64(time.Second)) }

// mustTry admits a call, or fails the test.
func mustTry(t *testing.T, g *Guard) *Call {
	t.Helper()
	call, mustWait, err := g.Try()
	if err != nil || mustWait {
		t.Fatalf("the call is not admitted: wait %v, %v", mustWait, err)
	}
	return &call
}

// end says how a call went, and ends it.
func (c *Call) end(status int) {
	c.Heard(Outcome{Status: status})
	c.End()
}

// wantRefused checks that a call may not go, why, and when to ask again.
func wantRefused(t *testing.T, g *Guard, reason error, after time.Duration) {
	t.Helper()
	call, mustWait, err := g.Try()
	call.End()
	if !errors.Is(err, reason) {
		t.Fatalf("wait %v, error %v; want %v", mustWait, err, reason)
	}
	if refusal, _ := errors.AsType[*Refusal](err); (refusal.After - after).Abs() > time.Millisecond {
		t.Errorf("ask again after %v, want %v", refusal.After, after)
	}
}

// wait has a call wait for its turn.
func wait(ctx context.Context, t *testing.T, g *Guard) error {
	t.Helper()
	call, mustWait, err := g.Try()
	if mustWait {
		call, err = g.Wait(ctx)
	}
	call.End()
	return err
}
