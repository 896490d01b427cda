package relay

import (
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
	"github.com/ambassador-operator/ambassador-operator/proxy/mapping"
)

// mapBuckets are the upper bounds of the duration histogram of programs, in seconds.
var mapBuckets = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60}

// mapCounters are the metrics of a route's answer mapping.
type mapCounters struct {
	set      *metrics.Set
	labels   string // without the closing brace
	mapped   *metrics.Counter
	duration *metrics.PrometheusHistogram
}

func newMapCounters(c *counters, r *config.Route) *mapCounters {
	labels := c.labels(&routeCounters{name: r.Path})
	return &mapCounters{
		set:      c.set,
		labels:   labels,
		mapped:   c.set.GetOrCreateCounter("ambassador_mapped_total" + labels + `,result="ok"}`),
		duration: c.set.GetOrCreatePrometheusHistogramExt("ambassador_mapping_duration_seconds"+labels+"}", mapBuckets),
	}
}

// count takes in an answer that was mapped, or was not.
func (c *mapCounters) count(err error) {
	if err == nil {
		c.mapped.Inc()
		return
	}
	c.set.GetOrCreateCounter("ambassador_mapped_total" + c.labels + `,result="` + mapping.Reason(err) + `"}`).Inc()
}

// ran takes in how long programs ran.
func (c *mapCounters) ran(took time.Duration) { c.duration.Update(took.Seconds()) }
