package proxy

import (
	"io"
	"strconv"

	"github.com/VictoriaMetrics/metrics"

	"github.com/ambassador-operator/ambassador-operator/proxy/guard"
)

// writeHealth writes what the service is like now: its endpoints, and what keeps calls from it.
func (v *service) writeHealth(w io.Writer) {
	label := `{ambassador="` + v.ambassador.Name + `"`
	if !v.upstream.IsOne() {
		for i, state := range v.upstream.Look() {
			metrics.WriteGaugeUint64(w, "ambassador_endpoint_failing"+label+`,endpoint="`+strconv.Itoa(i)+`"}`, oneIf(!state.Failing.IsZero()))
		}
	}
	live, retried := v.budget.Live()
	metrics.WriteGaugeUint64(w, "ambassador_calls_live"+label+"}", uint64(live))
	metrics.WriteGaugeUint64(w, "ambassador_calls_retried"+label+"}", uint64(retried))
	state := v.guard.Look()
	if state == nil {
		return
	}
	if state.Circuit != "" {
		for _, name := range guard.States {
			metrics.WriteGaugeUint64(w, "ambassador_circuit_breaker_state"+label+`,state="`+name+`"}`, oneIf(state.Circuit == name))
		}
	}
	metrics.WriteGaugeUint64(w, "ambassador_calls_in_flight"+label+"}", uint64(state.InFlight))
	metrics.WriteGaugeUint64(w, "ambassador_calls_waiting"+label+"}", uint64(state.Waiting))
	metrics.WriteGaugeFloat64(w, "ambassador_cool_down_seconds"+label+"}", state.CoolDown)
}

func oneIf(condition bool) uint64 {
	if condition {
		return 1
	}
	return 0
}
