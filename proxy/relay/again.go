package relay

import (
	"math/rand/v2"
	"os"
	"strings"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/guard"
	"github.com/ambassador-operator/ambassador-operator/proxy/retry"
	"github.com/ambassador-operator/ambassador-operator/proxy/upstream"
)

// persistence is an exchange's part in what makes a service bearable: whether it may be called, where, and how often.
type persistence struct {
	attempts int // made so far, or begun
	began    time.Duration
	until    time.Duration  // of the attempt: when an answer must have begun; forever: only the answer timeout holds
	tried    upstream.Tried // the endpoints that failed
	choice   upstream.Choice
	call     guard.Call
	key      []byte // the idempotency key that is attached; empty: none
	isLive   bool   // counted in the budget
	isTaken  bool   // of the budget, a place
}

// plainRetry is the policy of routes that have no plan.
var plainRetry = retry.Compile(nil)

// begin sets what every exchange starts with.
func (p *persistence) begin(at time.Duration) { p.attempts, p.began, p.until = 1, at, forever }

// askAgain goes on after a failure on a route without a plan: where no connection could be made, another one is tried.
func (x *exchange) askAgain(err error) error {
	defer x.returnPlace()
	for err != nil {
		if isAgain, ended := x.prepareAgain(plainRetry, err); !isAgain {
			return ended
		}
		if err = x.compose(); err == nil {
			err = x.ask()
		}
	}
	return nil
}

// persist asks the service until it has an answer that the client gets.
func (x *exchange) persist() error {
	defer x.returnPlace()
	policy := x.plan.retry
	x.service.budget.Begin()
	x.again.isLive = true
	x.limitAttempt(policy)
	for {
		err := x.attempt()
		if isAgain, ended := x.prepareAgain(policy, err); !isAgain {
			return ended
		}
		x.limitAttempt(policy)
	}
}

func (x *exchange) limitAttempt(policy *retry.Policy) {
	if policy.PerTry > 0 {
		x.again.until = now() + policy.PerTry
	}
}

// prepareAgain decides whether another attempt follows, and waits until it may. If not, it returns what the exchange goes on
// with: nil where an answer is to be passed on.
func (x *exchange) prepareAgain(policy *retry.Policy, err error) (isAgain bool, ended error) {
	wait, isAgain := x.decide(policy, err)
	if !isAgain {
		return false, err
	}
	p := &x.again
	p.attempts++
	x.leaveAnswer(err)
	p.call.End()
	p.choice.End()
	x.heard = false
	x.conn.wait.begin(resting, forever) // that the attempt's own time has passed is dealt with
	if x.conn.gone.Load() || x.isOverdue() {
		return false, x.lost(os.ErrDeadlineExceeded)
	}
	if err := x.pause(wait); err != nil {
		return false, err
	}
	p.began = now()
	return true, nil
}

// decide asks the policy, the budget and the guard.
func (x *exchange) decide(policy *retry.Policy, err error) (wait time.Duration, isAgain bool) {
	replayable := !x.upload.begun && x.request.done && x.req.Upgrade == nil
	v := policy.Judge(x.again.attempts, x.result(err), replayable, replayable && x.isRepeatable(policy), rand.Float64) //nolint:gosec // spreads waits, guards nothing
	if v.Reason == "" {
		return 0, false
	}
	wait = max(v.Wait, x.service.guard.CoolDown())
	outcome := "sent"
	switch {
	case !v.Again:
		outcome = string(v.Obstacle)
	case wait > v.Wait && wait > policy.MaxRetryAfter():
		outcome = string(retry.TooLong)
	case x.service.guard.IsOpen(wait):
		outcome = "circuit-open"
	case x.isOverdueIn(wait):
		outcome = "deadline"
	case !x.takePlace():
		outcome = "budget"
	default:
		isAgain = true
	}
	x.service.counters.retried(string(v.Reason), outcome)
	return wait, isAgain
}

// isRepeatable reports whether the request may take effect twice.
func (x *exchange) isRepeatable(policy *retry.Policy) bool {
	return x.isIdempotent() || len(x.again.key) > 0 || x.hasKey(policy)
}

// leaveAnswer lets go of an answer that the client does not get. Its connection is kept where all of it has come.
func (x *exchange) leaveAnswer(err error) {
	if x.up == nil {
		return
	}
	if err == nil {
		rest := content{}
		rest.follow(x.resp.Framing, x.resp.Length)
		for !rest.done {
			if piece, err := rest.next(&x.back); err != nil || len(piece) == 0 {
				break
			}
		}
		if rest.done && !x.resp.Close && x.back.isEmpty() && x.conn.wait.word.Load() != expired && x.up.IsDrained() {
			x.conn.up.Store(nil)
			x.endpoint.Put(x.up)
			x.up = nil
			return
		}
	}
	x.drop()
}

// mayReplay reports whether a request that was lost on a kept connection may be sent on another one. The service may have
// seen it, so with a plan that is a retry like any other for the budget.
func (x *exchange) mayReplay() bool {
	if x.plan == nil {
		return true
	}
	isAllowed := x.takePlace()
	if isAllowed {
		x.service.counters.retried("kept-connection", "sent")
	}
	return isAllowed
}

// takePlace takes a place in the budget, once for an exchange.
func (x *exchange) takePlace() bool {
	x.again.isTaken = x.again.isTaken || x.service.budget.Take()
	return x.again.isTaken
}

func (x *exchange) returnPlace() {
	if x.again.isTaken {
		x.service.budget.Return()
		x.again.isTaken = false
	}
}

// attachKey makes an idempotency key for a request that needs one to be sent again.
func (x *exchange) attachKey(policy *retry.Policy) {
	if policy.AttachKey && !x.isIdempotent() && !x.hasKey(policy) {
		for i := range x.req.Fields { // an empty one
			f := &x.req.Fields[i]
			f.Drop = f.Drop || f.Is(strings.ToLower(policy.Key))
		}
		x.again.key = retry.AppendKey(x.again.key[:0])
	}
}

// hasKey reports whether the client sent an idempotency key.
func (x *exchange) hasKey(policy *retry.Policy) bool {
	return policy.Key != "" && fieldOf(x.req.Fields, strings.ToLower(policy.Key)) != nil
}

// endPersistence lets go of what an exchange with a plan holds.
func (x *exchange) endPersistence() {
	p := &x.again
	p.call.End()
	p.choice.End()
	if p.isLive {
		x.service.budget.Finish()
	}
	p.tried, p.key, p.isLive = 0, p.key[:0], false
}
