package relay

import (
	"sync"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
	"github.com/ambassador-operator/ambassador-operator/proxy/mapping"
)

// mapBuckets are the upper bounds of the duration histogram of programs, in seconds.
var mapBuckets = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60}

// mapCounters are the metrics of a route's answer mapping. They are made when they are first needed, as there may be a
// thousand routes.
type mapCounters struct {
	of       *counters
	route    string
	made     sync.Once
	labels   string // without the closing brace
	mapped   *metrics.Counter
	duration *metrics.PrometheusHistogram
}

func newMapCounters(c *counters, r *config.Route) *mapCounters {
	return &mapCounters{of: c, route: r.Path}
}

func (c *mapCounters) make() {
	c.labels = c.of.labels(&routeCounters{name: c.route})
	c.mapped = c.of.set.GetOrCreateCounter("ambassador_mapped_total" + c.labels + `,result="ok"}`)
	c.duration = c.of.set.GetOrCreatePrometheusHistogramExt("ambassador_mapping_duration_seconds"+c.labels+"}", mapBuckets)
}

// count takes in an answer that was mapped, or was not.
func (c *mapCounters) count(err error) {
	c.made.Do(c.make)
	if err == nil {
		c.mapped.Inc()
		return
	}
	c.of.set.GetOrCreateCounter("ambassador_mapped_total" + c.labels + `,result="` + mapping.Reason(err) + `"}`).Inc()
}

// ran takes in how long programs ran.
func (c *mapCounters) ran(took time.Duration) {
	c.made.Do(c.make)
	c.duration.Update(took.Seconds())
}
