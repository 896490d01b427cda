package config

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// The sizes of a cache whose document names none, and the longest that an answer is kept.
const (
	DefaultCacheBytes = 8 << 20
	maxCacheBytes     = 1 << 30
	minCacheBytes     = 64 << 10
	maxFresh          = 8760 * time.Hour
)

// policy checks an ambassador's; owned are the targets of its credentials.
func (c *checker) policy(at string, p *Policy, owned map[string]bool) {
	c.retry(at+".retry", p.Retry, owned)
	c.circuitBreaker(at+".circuitBreaker", p.CircuitBreaker)
	c.rateLimit(at+".rateLimit", p.RateLimit)
	c.within(at+".maxConcurrency", int64(p.MaxConcurrency), 1, 512)
	if p.Cache != nil {
		size := cmp.Or(p.Cache.MaxBytes, DefaultCacheBytes)
		c.within(at+".cache.maxBytes", p.Cache.MaxBytes, minCacheBytes, maxCacheBytes)
		c.check(p.Cache.MaxEntryBytes >= 0 && p.Cache.MaxEntryBytes <= size, at+".cache.maxEntryBytes",
			"%d is out of range; give 1 to maxBytes, which is %d, or leave it out", p.Cache.MaxEntryBytes, size)
		c.cacheRule(at+".cache.rule", p.Cache.Rule)
	}
}

// retry checks a policy's or a route's; nil is well.
func (c *checker) retry(at string, r *Retry, owned map[string]bool) {
	if r == nil {
		return
	}
	c.within(at+".attempts", int64(r.Attempts), 1, 10)
	c.check(len(r.When) <= MaxConditions, at+".when", "%d entries; at most %d", len(r.When), MaxConditions)
	for i, condition := range r.When {
		field := fmt.Sprintf("%s.when[%d]", at, i)
		c.check(isCondition(condition), field, "%q is not one of connect-failure, reset, gateway-error, or a status of 400 to 599", condition)
		c.check(!slices.Contains(r.When[:i], condition), field, "%q stands before; name each once", condition)
	}
	c.duration(at+".baseBackoff", r.BaseBackoff, time.Millisecond, time.Hour)
	c.duration(at+".maxBackoff", r.MaxBackoff, time.Millisecond, time.Hour)
	base, most := r.BaseBackoff.Or(100*time.Millisecond), r.MaxBackoff.Or(5*time.Second)
	c.check(base <= most, at+".baseBackoff", "%s is more than maxBackoff, which is %s; give less", base, most)
	c.duration(at+".perTryTimeout", r.PerTryTimeout, time.Millisecond, 24*time.Hour)
	c.duration(at+".maxRetryAfter", r.MaxRetryAfter, time.Millisecond, time.Hour)
	if r.IdempotencyKey != "" {
		c.editable(at+".idempotencyKey", r.IdempotencyKey, owned)
	}
	c.check(!r.AttachIdempotencyKey || r.IdempotencyKey != "", at+".attachIdempotencyKey",
		"true, and idempotencyKey names no field; write one such as Idempotency-Key")
}

func isCondition(condition RetryCondition) bool {
	switch condition {
	case RetryConnectFailure, RetryReset, RetryGatewayError:
		return true
	}
	status, ok := parseStatus(string(condition))
	return ok && status >= 400
}

func (c *checker) circuitBreaker(at string, b *CircuitBreaker) {
	if b == nil {
		return
	}
	c.within(at+".consecutiveFailures", int64(b.ConsecutiveFailures), 1, 1000)
	c.within(at+".failureRate", int64(b.FailureRate), 1, 100)
	c.check((b.ConsecutiveFailures == 0) != (b.FailureRate == 0), at, "give exactly one of consecutiveFailures and failureRate")
	c.duration(at+".window", b.Window, time.Second, time.Hour)
	c.within(at+".minRequests", int64(b.MinRequests), 1, 10000)
	if b.FailureRate == 0 {
		c.check(b.Window == 0, at+".window", "%s holds for failureRate alone; leave it out", time.Duration(b.Window))
		c.check(b.MinRequests == 0, at+".minRequests", "%d holds for failureRate alone; leave it out", b.MinRequests)
	}
	c.duration(at+".openFor", b.OpenFor, 100*time.Millisecond, time.Hour)
	c.within(at+".probes", int64(b.Probes), 1, 100)
}

func (c *checker) rateLimit(at string, r *RateLimit) {
	if r == nil {
		return
	}
	c.within(at+".requests", int64(r.Requests), 1, 1000000)
	c.duration(at+".per", r.Per, time.Millisecond, 24*time.Hour)
	c.within(at+".burst", int64(r.Burst), 1, 1000000)
	if r.Requests == 0 {
		c.check(r.Per == 0, at+".per", "%s holds for requests alone; give requests too, or leave it out", time.Duration(r.Per))
		c.check(r.Burst == 0, at+".burst", "%d holds for requests alone; give requests too, or leave it out", r.Burst)
	}
	c.check(slices.Contains([]OnLimit{"", LimitReject, LimitWait}, r.OnLimit), at+".onLimit", "%q is not one of reject, wait", r.OnLimit)
	c.check(r.MaxWait == 0 || r.OnLimit == LimitWait, at+".maxWait", "%s holds for onLimit wait alone; write it too, or leave this out", time.Duration(r.MaxWait))
	c.duration(at+".maxWait", r.MaxWait, time.Millisecond, time.Hour)
	c.duration(at+".maxCoolDown", r.MaxCoolDown, time.Second, 24*time.Hour)
}

// cacheRule checks a policy's or a route's; nil is well.
func (c *checker) cacheRule(at string, r *CacheRule) {
	if r == nil {
		return
	}
	c.check(!r.Disabled || *r == CacheRule{Disabled: true}, at, "disabled keeps nothing; leave its other fields out, or leave disabled out")
	c.duration(at+".defaultTTL", r.DefaultTTL, time.Second, maxFresh)
	c.duration(at+".overrideTTL", r.OverrideTTL, time.Second, maxFresh)
	c.duration(at+".staleWhileRevalidate", r.StaleWhileRevalidate, time.Second, maxFresh)
	c.duration(at+".staleIfError", r.StaleIfError, time.Second, maxFresh)
}
