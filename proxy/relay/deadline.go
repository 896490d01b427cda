package relay

import (
	"context"
	"errors"
	"os"
	"strconv"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/http1"
)

// maxDeadline bounds what a client may ask for, so that no sum overflows.
const maxDeadline = 24 * time.Hour

// limitCall sets when the call must be over: by what the route says, and what the client does where it may.
func (x *exchange) limitCall(l *limits) error {
	took := l.call
	if l.header != "" {
		asked, err := x.askedDeadline(l.header)
		if err != nil {
			return err
		}
		if asked > 0 && (took == 0 || asked < took) {
			took = asked
		}
	}
	if took > 0 {
		x.conn.limit.Store(int64(x.start + took))
	}
	return nil
}

// askedDeadline reads the field in which the client says how long the call may take, and keeps it from going on. Zero: there
// is none.
func (x *exchange) askedDeadline(name string) (time.Duration, error) {
	value, n := http1.Lookup(x.req.Fields, name)
	if n == 0 {
		return 0, nil
	}
	for i := range x.req.Fields {
		if f := &x.req.Fields[i]; f.Is(name) {
			f.Drop = true
		}
	}
	asked, err := parseDeadline(string(value))
	if n > 1 || err != nil || asked <= 0 {
		return 0, errBadDeadline
	}
	return min(asked, maxDeadline), nil
}

// parseDeadline reads seconds such as "2.5", or a duration such as "1500ms".
func parseDeadline(text string) (time.Duration, error) {
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		if !(seconds > 0 && seconds <= maxDeadline.Seconds()) {
			return 0, errBadDeadline
		}
		return max(time.Duration(seconds*float64(time.Second)), 1), nil
	}
	return time.ParseDuration(text)
}

// isOverdue reports whether the call's deadline has passed.
func (x *exchange) isOverdue() bool { return x.isOverdueIn(0) }

// isOverdueIn reports whether it will have passed after a wait.
func (x *exchange) isOverdueIn(wait time.Duration) bool {
	limit := time.Duration(x.conn.limit.Load())
	return limit > 0 && now()+wait >= limit
}

// blame says of what failed by a deadline whether that was the call's.
func (x *exchange) blame(err error) error {
	ended := errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
	if ended && x.isOverdue() && !x.conn.gone.Load() {
		return because(errOverdue, err)
	}
	return err
}
