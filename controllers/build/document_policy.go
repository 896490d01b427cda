package build

import (
	"cmp"
	"strings"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

func policy(p *v1alpha1.Policy) config.Policy {
	if p == nil {
		return config.Policy{}
	}
	return config.Policy{
		Retry:          retry(p.Retry),
		CircuitBreaker: circuitBreaker(p.CircuitBreaker),
		RateLimit:      rateLimit(p.RateLimit),
		MaxConcurrency: int(p.MaxConcurrency),
		Cache:          cache(p.Cache),
	}
}

// retryConditions translates Kubernetes' spelling to the document's. A status is the same in both.
var retryConditions = map[v1alpha1.RetryCondition]config.RetryCondition{
	v1alpha1.RetryConnectFailure: config.RetryConnectFailure,
	v1alpha1.RetryReset:          config.RetryReset,
	v1alpha1.RetryGatewayError:   config.RetryGatewayError,
}

func retry(r *v1alpha1.Retry) *config.Retry {
	if r == nil {
		return nil
	}
	out := &config.Retry{
		Attempts:             int(r.Attempts),
		BaseBackoff:          duration(r.BaseBackoff),
		MaxBackoff:           duration(r.MaxBackoff),
		PerTryTimeout:        duration(r.PerTryTimeout),
		MaxRetryAfter:        duration(r.MaxRetryAfter),
		IdempotencyKey:       string(r.IdempotencyKey),
		AttachIdempotencyKey: r.AttachIdempotencyKey,
	}
	for _, condition := range r.When {
		out.When = append(out.When, cmp.Or(retryConditions[condition], config.RetryCondition(condition)))
	}
	return out
}

func circuitBreaker(b *v1alpha1.CircuitBreaker) *config.CircuitBreaker {
	if b == nil {
		return nil
	}
	return &config.CircuitBreaker{
		ConsecutiveFailures: int(b.ConsecutiveFailures),
		FailureRate:         int(b.FailureRate),
		Window:              duration(b.Window),
		MinRequests:         int(b.MinRequests),
		OpenFor:             duration(b.OpenFor),
		Probes:              int(b.Probes),
	}
}

func rateLimit(r *v1alpha1.RateLimit) *config.RateLimit {
	if r == nil {
		return nil
	}
	return &config.RateLimit{
		Requests:    int(r.Requests),
		Per:         duration(r.Per),
		Burst:       int(r.Burst),
		OnLimit:     config.OnLimit(strings.ToLower(string(r.OnLimit))),
		MaxWait:     duration(r.MaxWait),
		MaxCoolDown: duration(r.MaxCoolDown),
	}
}

func cache(c *v1alpha1.Cache) *config.Cache {
	if c == nil {
		return nil
	}
	return &config.Cache{MaxBytes: c.MaxBytes, MaxEntryBytes: c.MaxEntryBytes, Rule: cacheRule(c.Rule)}
}

func cacheRule(r *v1alpha1.CacheRule) *config.CacheRule {
	if r == nil {
		return nil
	}
	return &config.CacheRule{
		Disabled:             r.Disabled,
		DefaultTTL:           duration(r.DefaultTTL),
		OverrideTTL:          duration(r.OverrideTTL),
		StaleWhileRevalidate: duration(r.StaleWhileRevalidate),
		StaleIfError:         duration(r.StaleIfError),
	}
}
