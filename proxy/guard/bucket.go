package guard

import (
	"cmp"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// bucket is a token bucket with a queue of those who wait for a token.
type bucket struct {
	requests, burst int
	per             time.Duration
	limiter         *rate.Limiter
	waiting         atomic.Int32
	first           chan struct{} // full while somebody is at the head of the queue; served in order
}

// newBucket returns nil where nothing bounds the rate, and the previous one where that is bounded equally.
func newBucket(settings *config.RateLimit, previous *bucket) *bucket {
	if settings == nil || settings.Requests == 0 {
		return nil
	}
	b := &bucket{requests: settings.Requests, burst: cmp.Or(settings.Burst, settings.Requests), per: settings.Per.Or(time.Second)}
	if previous != nil && b.requests == previous.requests && b.burst == previous.burst && b.per == previous.per {
		return previous
	}
	b.limiter = rate.NewLimiter(rate.Limit(float64(b.requests)/b.per.Seconds()), b.burst)
	b.first = make(chan struct{}, 1)
	return b
}

// take takes a token, or returns the time until there is one for the caller: after those who wait, unless it is the first
// of them itself.
func (b *bucket) take(isFirst bool) time.Duration {
	if b == nil {
		return 0
	}
	ahead := b.waiting.Load()
	if isFirst {
		ahead = 0
	}
	now := time.Now()
	if ahead == 0 && b.limiter.AllowN(now, 1) {
		return 0
	}
	missing := float64(ahead) + 1 - b.limiter.TokensAt(now)
	return max(time.Duration(missing*float64(b.per)/float64(b.requests)), 1)
}

// rest is the time in which no call goes to the service, because it has asked for that. Its zero value is over.
type rest struct {
	mutex sync.Mutex
	until time.Time
}

// extend makes it last for a time from now at least.
func (r *rest) extend(by time.Duration) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if until := time.Now().Add(by); until.After(r.until) {
		r.until = until
	}
}

// left returns how long it lasts.
func (r *rest) left() time.Duration {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return max(time.Until(r.until), 0)
}
