package relay

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/guard"
	"github.com/ambassador-operator/ambassador-operator/proxy/http1"
	"github.com/ambassador-operator/ambassador-operator/proxy/retry"
	"github.com/ambassador-operator/ambassador-operator/proxy/upstream"
)

// attempt is one call of the service.
func (x *exchange) attempt() error {
	if err := x.admit(); err != nil {
		return err
	}
	x.again.choice = x.service.Upstream.Choose(x.again.tried)
	if to := x.again.choice.Endpoint; to != x.endpoint || x.again.attempts > 1 {
		x.endpoint = to
		if err := x.compose(); err != nil {
			return err
		}
	}
	err := x.ask()
	if err != nil {
		err = x.endUpload(err) // whose fault it was is known then
	}
	x.tell(err)
	return err
}

// admit asks the guard, and waits where it says so.
func (x *exchange) admit() error {
	call, mustWait, err := x.service.guard.Try()
	if mustWait {
		if !x.conn.wait.begin(asking, forever) {
			return x.lost(os.ErrDeadlineExceeded)
		}
		err = x.whileWanted(func(ctx context.Context) (err error) {
			call, err = x.service.guard.Wait(ctx)
			return err
		})
	}
	x.again.call = call
	return err
}

// tell says how the attempt went to those who judge the service by it. Of one that ended because of the client nothing is
// said.
func (x *exchange) tell(err error) {
	p := &x.again
	switch {
	case err == nil:
		r := x.result(nil)
		works := r.Status < 502 || r.Status > 504
		p.call.Heard(guard.Outcome{Status: r.Status, RetryAfter: r.RetryAfter, HasRetryAfter: r.HasRetryAfter})
		p.choice.Heard(works)
		if !works {
			p.tried = p.choice.Add(p.tried)
		}
	case problemOf(err).upstream:
		p.call.Heard(guard.Outcome{})
		p.choice.Heard(false)
		p.tried = p.choice.Add(p.tried)
	}
}

// result is what the retry policy is told of an attempt.
func (x *exchange) result(err error) (r retry.Result) {
	switch {
	case err == nil:
		r.Status = x.resp.Status
		if value := fieldOf(x.resp.Fields, "retry-after"); value != nil {
			r.RetryAfter, r.HasRetryAfter = retry.After(value, time.Now())
		}
	case x.conn.gone.Load() || x.isOverdue():
	case x.up == nil:
		r.Unsent = isUnsent(err)
	case !x.heard:
		isOut := errors.Is(err, errUpstreamTimeout) && x.again.until != forever && now() >= x.again.until
		r.Reset = isOut || errors.Is(err, errUpstreamReset)
	}
	return r
}

// fieldOf returns the value of the first field of that name which goes on, given in lower case; nil where there is none, or
// where it is empty.
func fieldOf(fields []http1.Field, lower string) []byte {
	for i := range fields {
		if f := &fields[i]; !f.Drop && f.Is(lower) && len(f.Value) > 0 {
			return f.Value
		}
	}
	return nil
}

// isUnsent reports whether a failure is one to make a connection, which may succeed the next time.
func isUnsent(err error) bool {
	for _, reason := range []error{upstream.ErrUnreachable, upstream.ErrTimeout, upstream.ErrUnresolved, upstream.ErrTLS, errUpstreamTimeout} {
		if errors.Is(err, reason) {
			return true
		}
	}
	return false
}
