package relay

import (
	"strconv"
	"sync/atomic"

	"github.com/VictoriaMetrics/metrics"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
	"github.com/ambassador-operator/ambassador-operator/proxy/route"
)

// methods are the values of the method label; any other method is counted as the last.
var methods = [...]string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"}

// classes are the values of the code label, by the status's first digit; "none" is for requests that got no answer.
var classes = [...]string{"none", "1xx", "2xx", "3xx", "4xx", "5xx"}

// buckets are the upper bounds of the duration histogram, in seconds.
var buckets = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}

// counters are the metrics of one service. Each is made when it is first needed, as there may be a thousand routes, and
// found by index from then on.
type counters struct {
	set    *metrics.Set
	name   string
	routes []routeCounters // one for each route, and a last one for requests that no route covers
	cache  *cacheCounters  // nil without one
}

type routeCounters struct {
	name     string
	requests [len(methods)][len(classes)]atomic.Pointer[metrics.Counter]
	duration atomic.Pointer[metrics.PrometheusHistogram]
}

func newCounters(set *metrics.Set, a *config.Ambassador) *counters {
	c := &counters{set: set, name: a.Name}
	for i := range a.Routes {
		c.routes = append(c.routes, routeCounters{name: a.Routes[i].Path})
	}
	if len(a.Routes) == 0 {
		c.routes = append(c.routes, routeCounters{name: "/"})
	}
	c.routes = append(c.routes, routeCounters{name: "none"})
	return c
}

// of returns the metrics of a route, or of requests without one.
func (c *counters) of(r *route.Route) *routeCounters {
	if r == nil {
		return &c.routes[len(c.routes)-1]
	}
	return &c.routes[r.Index]
}

// count takes in one request.
func (c *counters) count(r *route.Route, method []byte, status int, seconds float64) {
	of := c.of(r)
	m, class := methodIndex(method), min(status/100, len(classes)-1)
	counter := of.requests[m][class].Load()
	if counter == nil {
		counter = c.set.GetOrCreateCounter("ambassador_requests_total" + c.labels(of) + `,method="` + methods[m] + `",code="` + classes[class] + `"}`)
		of.requests[m][class].Store(counter)
	}
	counter.Inc()
	duration := of.duration.Load()
	if duration == nil {
		duration = c.set.GetOrCreatePrometheusHistogramExt("ambassador_request_duration_seconds"+c.labels(of)+"}", buckets)
		of.duration.Store(duration)
	}
	duration.Update(seconds)
}

// labels opens the labels, which the caller closes.
func (c *counters) labels(of *routeCounters) string {
	return `{ambassador="` + c.name + `",route=` + strconv.Quote(of.name)
}

// failed counts a failure that the service or the way to it is to blame for.
func (c *counters) failed(reason string) {
	c.set.GetOrCreateCounter(`ambassador_upstream_failures_total{ambassador="` + c.name + `",reason="` + reason + `"}`).Inc()
}

// retried counts a decision about a retry for which there was a reason.
func (c *counters) retried(reason, result string) {
	c.set.GetOrCreateCounter(`ambassador_retries_total{ambassador="` + c.name + `",reason="` + reason + `",result="` + result + `"}`).Inc()
}

func methodIndex(method []byte) int {
	for i, m := range methods {
		if string(method) == m {
			return i
		}
	}
	return len(methods) - 1
}
