package retry

import (
	"cmp"
	"strconv"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// The settings where the document has none.
const (
	defaultAttempts      = 2
	defaultBaseBackoff   = 100 * time.Millisecond
	defaultMaxBackoff    = 5 * time.Second
	defaultMaxRetryAfter = 10 * time.Second
)

// Policy is the compiled rule by which requests are sent again. It is immutable.
type Policy struct {
	// PerTry bounds each attempt from its start to the answer's head. Zero: nothing of its own does.
	PerTry time.Duration
	// Key is the request field whose presence makes a request one that may be sent again. Empty: none does.
	Key string
	// AttachKey adds that field to requests that have none and are not idempotent.
	AttachKey bool

	attempts      int
	connect       bool
	reset         bool
	statuses      map[int]bool
	base, most    time.Duration // of the back-off
	maxRetryAfter time.Duration
}

// Compile makes a policy of a valid document's rule. Nil makes the default: once more where connecting failed.
func Compile(rule *config.Retry) *Policy {
	if rule == nil {
		rule = &config.Retry{}
	}
	p := &Policy{
		PerTry:        time.Duration(rule.PerTryTimeout),
		Key:           rule.IdempotencyKey,
		AttachKey:     rule.AttachIdempotencyKey && rule.IdempotencyKey != "",
		attempts:      cmp.Or(rule.Attempts, defaultAttempts),
		connect:       len(rule.When) == 0,
		statuses:      map[int]bool{},
		base:          rule.BaseBackoff.Or(defaultBaseBackoff),
		most:          rule.MaxBackoff.Or(defaultMaxBackoff),
		maxRetryAfter: rule.MaxRetryAfter.Or(defaultMaxRetryAfter),
	}
	for _, condition := range rule.When {
		p.add(condition)
	}
	return p
}

func (p *Policy) add(condition config.RetryCondition) {
	switch condition {
	case config.RetryConnectFailure:
		p.connect = true
	case config.RetryReset:
		p.reset = true
	case config.RetryGatewayError:
		p.statuses[502], p.statuses[503], p.statuses[504] = true, true, true
	default:
		if status, err := strconv.Atoi(string(condition)); err == nil {
			p.statuses[status] = true
		}
	}
}

// Result is how an attempt went. Exactly one of Unsent, Reset and Status is set; none is: it is nothing to try again for.
type Result struct {
	// Unsent: no connection could be made.
	Unsent bool
	// Reset: the connection ended, or the attempt's time, before an answer began.
	Reset bool
	// Status is the answer's.
	Status int
	// RetryAfter is what the answer asks for, HasRetryAfter that it does.
	RetryAfter    time.Duration
	HasRetryAfter bool
}

// Reason is a label of metrics: why a request is sent again.
type Reason string

// The reasons.
const (
	ConnectFailure Reason = "connect-failure"
	Reset          Reason = "reset"
	Status         Reason = "status"
)

// Verdict is what Judge says of an attempt.
type Verdict struct {
	// Again: the request is to be sent once more, if the budget allows it.
	Again bool
	// Wait is how long to wait before that.
	Wait time.Duration
	// Reason is the condition that was met, also where Again is false. Empty: none was.
	Reason Reason
	// Obstacle says why Again is false although a condition was met. Empty: it is not.
	Obstacle Obstacle
}

// Obstacle is a label of metrics: why a request is not sent again although a condition is met.
type Obstacle string

// The obstacles.
const (
	// Exhausted: it was sent as often as it may be.
	Exhausted Obstacle = "attempts-exhausted"
	// NotRepeatable: it may have taken effect, and must not do so twice; or its content is gone.
	NotRepeatable Obstacle = "not-repeatable"
	// TooLong: the service wants to be left alone for longer than is granted.
	TooLong Obstacle = "retry-after"
)

// Judge decides after an attempt, of which there were so many, whether another one follows. repeatable tells that all
// content is at hand, and that the request may take effect twice; replayable, that all content is. random returns a
// number from 0 up to and without 1.
func (p *Policy) Judge(attempts int, r Result, replayable, repeatable bool, random func() float64) Verdict {
	v := Verdict{Reason: p.reasonOf(r)}
	switch {
	case v.Reason == "":
	case r.Unsent && !replayable, !r.Unsent && !repeatable:
		v.Obstacle = NotRepeatable
	case attempts >= p.attempts:
		v.Obstacle = Exhausted
	case r.HasRetryAfter && r.RetryAfter > p.maxRetryAfter:
		v.Obstacle = TooLong
	default:
		v.Again = true
		v.Wait = p.backoff(attempts, random)
		if r.HasRetryAfter {
			v.Wait = max(v.Wait, r.RetryAfter)
		}
	}
	return v
}

// MaxRetryAfter is the longest wait that a service is granted.
func (p *Policy) MaxRetryAfter() time.Duration { return p.maxRetryAfter }

func (p *Policy) reasonOf(r Result) Reason {
	switch {
	case r.Unsent && p.connect:
		return ConnectFailure
	case r.Reset && p.reset:
		return Reset
	case p.statuses[r.Status]:
		return Status
	}
	return ""
}

// backoff is a random time up to a bound that doubles with each attempt: full jitter, so that those who failed together
// do not come back together.
func (p *Policy) backoff(attempts int, random func() float64) time.Duration {
	bound := p.base
	for range attempts - 1 {
		if bound >= p.most/2 {
			bound = p.most
			break
		}
		bound *= 2
	}
	return time.Duration(random() * float64(min(bound, p.most)))
}
