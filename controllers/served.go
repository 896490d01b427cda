package controllers

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
)

// servedState is how far an Ambassador without a workload is: it is as asked for when a ready Pod of a host serves it as it
// is now.
func servedState(seen *observation) workloadState {
	state := workloadState{reason: v1alpha1.ReasonNotServed, replicas: int32(len(seen.sidecars))}
	for i := range seen.sidecars {
		if seen.sidecars[i].podReady {
			state.ready++
		}
	}
	switch {
	case len(seen.hosts) == 0:
		state.waits = true
		state.message = fmt.Sprintf("No workload takes it in; name it in %s of an Ambassador of this namespace, or give it a workload of its own", build.AmbassadorsAt)
	case state.ready > 0:
		state.settled, state.reason = true, v1alpha1.ReasonServed
		state.message = fmt.Sprintf("%d of %d Pods that serve it are ready; Ambassadors that take it in: %s", state.ready, state.replicas, strings.Join(hostNames(seen.hosts), ", "))
	default:
		state.unserved(seen.hosts)
	}
	return state
}

// unserved says why no ready Pod of the hosts serves the guest.
func (w *workloadState) unserved(hosts []host) {
	var messages []string
	pods := 0
	w.waits = true
	for _, h := range hosts {
		pods += h.pods
		refusal := meta.FindStatusCondition(h.ambassador.Status.Conditions, v1alpha1.ConditionAccepted)
		refused := refusal != nil && refusal.Status == metav1.ConditionFalse
		text := fmt.Sprintf("Ambassador %s takes it in, ", h.ambassador.Name)
		switch {
		case h.current > 0:
			text += "and none of its Pods is ready"
			w.waits = false
		case refused:
			text += fmt.Sprintf("but is not accepted itself (%s)", refusal.Reason)
		case h.pods > 0:
			text += "and has yet to hand this spec to its Pods"
			w.waits = false
		default:
			text += "and has no Pod"
		}
		messages = append(messages, text)
	}
	w.unknown = pods == 0
	w.message = clip(strings.Join(messages, "; "))
}

func hostNames(hosts []host) []string {
	var names []string
	for _, h := range hosts {
		names = append(names, h.ambassador.Name)
	}
	return names
}

// maxSelector is the API's bound on status.selector.
const maxSelector = 1024

// selectorOf selects the Pods that serve an Ambassador: its own where it has a workload, which an autoscaler may scale, else
// those of its hosts. It is empty where there are none, or too many to list.
func selectorOf(seen *observation) string {
	if seen.ambassador.Spec.Workload != nil {
		return build.Selector(seen.ambassador.Name)
	}
	if len(seen.hosts) == 0 {
		return ""
	}
	requirement, err := labels.NewRequirement(build.AmbassadorLabel, selection.In, hostNames(seen.hosts))
	if err != nil {
		return ""
	}
	if text := requirement.String(); len(text) <= maxSelector {
		return text
	}
	return ""
}
