package controllers

import (
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
)

// judge returns the status that a pass ends with. It is pure: what was there before matters only in that a condition
// that stays keeps its transition time. wanted is nil where the spec was refused before anything was built.
func judge(seen *observation, wanted *build.Objects, done *outcome) *v1alpha1.AmbassadorStatus {
	a := seen.ambassador
	status := a.Status.DeepCopy()
	status.ObservedGeneration = a.Generation
	status.URL = fmt.Sprintf("http://localhost:%d", a.Spec.Port)
	status.Selector = selectorOf(seen)
	status.Pods = evidence(seen.sidecars)

	state := stateOf(seen, wanted)
	status.Replicas, status.ReadyReplicas = state.replicas, state.ready
	if done.refusal == nil && done.failure == nil && state.refused != nil {
		done = &outcome{refusal: state.refused, progress: done.progress}
	}
	secrets := build.Secrets(build.Document(a, seen.guests...))
	credentials := credentialsReady(a.Name, secrets, seen.sidecars, seen.stale)
	set := func(conditions ...metav1.Condition) {
		for _, condition := range conditions {
			condition.ObservedGeneration = a.Generation
			meta.SetStatusCondition(&status.Conditions, condition)
		}
	}
	acceptance := accepted(done)
	if a.Spec.Workload == nil && acceptance.Status == metav1.ConditionTrue {
		acceptance.Message = "The spec is sound"
	}
	set(acceptance, credentials, isolated(seen, secrets))
	ready, busy, stalled := readiness(done, state, credentials)
	set(ready)
	setWhileTrue(status, set, v1alpha1.ConditionReconciling, busy, ready)
	setWhileTrue(status, set, v1alpha1.ConditionStalled, stalled, ready)
	return status
}

// setWhileTrue adds a condition with the reason and message of Ready, or removes it: kstatus takes its absence for False.
func setWhileTrue(status *v1alpha1.AmbassadorStatus, set func(...metav1.Condition), kind string, holds bool, ready metav1.Condition) {
	if !holds {
		meta.RemoveStatusCondition(&status.Conditions, kind)
		return
	}
	set(metav1.Condition{Type: kind, Status: metav1.ConditionTrue, Reason: ready.Reason, Message: ready.Message})
}

func accepted(done *outcome) metav1.Condition {
	condition := metav1.Condition{Type: v1alpha1.ConditionAccepted}
	switch {
	case done.refusal != nil:
		condition.Status, condition.Reason, condition.Message = metav1.ConditionFalse, done.refusal.reason, done.refusal.message
	case done.failure != nil:
		condition.Status, condition.Reason = metav1.ConditionUnknown, v1alpha1.ReasonApplyFailed
		condition.Message = "The operator tries again: " + clip(wordsOf(done.failure))
	default:
		condition.Status, condition.Reason, condition.Message = metav1.ConditionTrue, v1alpha1.ReasonAccepted, "The spec was applied"
	}
	return condition
}

// readiness sums up: Ready, and whether something is at work (busy) or waits for a person (stalled), which are never both.
func readiness(done *outcome, state workloadState, credentials metav1.Condition) (ready metav1.Condition, busy, stalled bool) {
	ready = metav1.Condition{Type: v1alpha1.ConditionReady, Status: metav1.ConditionFalse}
	acceptance := accepted(done)
	switch {
	case done.refusal != nil:
		ready.Reason, ready.Message = acceptance.Reason, acceptance.Message
		busy, stalled = done.refusal.waits, !done.refusal.waits
	case done.failure != nil:
		ready.Reason, ready.Message, busy = acceptance.Reason, acceptance.Message, true
	case done.progress != "":
		ready.Reason, ready.Message, busy = v1alpha1.ReasonProgressing, done.progress, true
	case state.reason == v1alpha1.ReasonCompleted:
		ready.Status, ready.Reason, ready.Message = metav1.ConditionTrue, state.reason, state.message
	case state.reason == v1alpha1.ReasonPodFailed:
		ready.Reason, ready.Message, stalled = state.reason, state.message, true
	case credentials.Status == metav1.ConditionFalse:
		ready.Reason, ready.Message, stalled, busy = credentials.Reason, credentials.Message, state.stuck, !state.stuck
	case state.settled:
		ready.Status, ready.Reason, ready.Message = metav1.ConditionTrue, state.reason, state.message
	default:
		ready.Reason, ready.Message = state.reason, state.message
		stalled, busy = state.stuck, !state.stuck && !state.waits
		if state.unknown {
			ready.Status = metav1.ConditionUnknown
		}
	}
	return ready, busy, stalled
}

// stateOf reads the workload's state where it is the Ambassador's own and of the kind that is asked for.
func stateOf(seen *observation, wanted *build.Objects) workloadState {
	a := seen.ambassador
	switch {
	case a.Spec.Workload == nil:
		return servedState(seen)
	case a.Spec.Workload.Kind == v1alpha1.PodWorkload && seen.pod != nil && metav1.IsControlledBy(seen.pod, a):
		hash := hashOf(seen.pod)
		if wanted != nil {
			hash = hashOf(wanted.Pod)
		}
		return podState(seen.pod, hash)
	case a.Spec.Workload.Kind == v1alpha1.DeploymentWorkload && seen.deployment != nil && metav1.IsControlledBy(seen.deployment, a):
		state := deploymentState(seen.deployment)
		if wanted != nil && hashOf(seen.deployment) != hashOf(wanted.Deployment) {
			state.settled, state.refused, state.stuck = false, nil, false
			state.reason, state.message = v1alpha1.ReasonProgressing, "The newest spec was applied"
		}
		if !state.settled {
			state.message += seen.trouble()
		}
		return state
	default:
		return workloadState{reason: v1alpha1.ReasonProgressing, message: unseen(a.Spec.Workload.Kind)}
	}
}
