package relay

import (
	"github.com/VictoriaMetrics/metrics"

	"github.com/ambassador-operator/ambassador-operator/proxy/cache"
)

// cacheCounters count what a cache did about requests.
type cacheCounters struct {
	hits, stale, revalidated, misses, bypassed *metrics.Counter
}

func newCacheCounters(set *metrics.Set, ambassador string) *cacheCounters {
	of := func(result string) *metrics.Counter {
		return set.GetOrCreateCounter(`ambassador_cache_requests_total{ambassador="` + ambassador + `",result="` + result + `"}`)
	}
	return &cacheCounters{of("hit"), of("stale"), of("revalidated"), of("miss"), of("bypass")}
}

// count takes in a request that the service answered.
func (c *cacheCounters) count(reason cache.Reason) {
	switch reason {
	case cache.ReasonMethod, cache.ReasonBypass, cache.ReasonPartial:
		c.bypassed.Inc()
	default:
		c.misses.Inc()
	}
}
