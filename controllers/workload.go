package controllers

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
)

// workloadState is how far a workload is.
type workloadState struct {
	replicas, ready int32
	// settled says that the workload is as asked for; reason and message then are Ready's, else why not.
	settled         bool
	reason, message string
	// stuck says that it will not get on before a person acts.
	stuck bool
	// waits says that it is for other Ambassadors to get on: nothing is at work here, and nobody need act here.
	waits bool
	// unknown says that there is no Pod that could tell.
	unknown bool
	// refused is why the cluster does not create Pods, where it does not.
	refused *refusal
}

// unseen is the message for a workload that was applied just now, before and after the cache shows it: the same words, so
// that they are written once.
func unseen(kind v1alpha1.WorkloadKind) string {
	return fmt.Sprintf("The %s was applied; nothing has been heard of it yet", kind)
}

// deploymentState reads a Deployment as `kubectl rollout status` does.
func deploymentState(d *appsv1.Deployment) workloadState {
	status := &d.Status
	state := workloadState{replicas: status.Replicas, ready: status.ReadyReplicas, reason: v1alpha1.ReasonProgressing}
	wanted := int32(1)
	if d.Spec.Replicas != nil {
		wanted = *d.Spec.Replicas
	}
	if failure := deploymentCondition(d, appsv1.DeploymentReplicaFailure); failure != nil && failure.Status == corev1.ConditionTrue {
		state.refused = refusalOf(failure.Message)
	}
	progressing := deploymentCondition(d, appsv1.DeploymentProgressing)
	switch {
	case status.ObservedGeneration < d.Generation:
		state.message = unseen(v1alpha1.DeploymentWorkload)
	case progressing != nil && progressing.Reason == "ProgressDeadlineExceeded":
		state.reason, state.stuck = v1alpha1.ReasonProgressDeadlineExceeded, true
		state.message = "The rollout got no further in its time: " + clip(progressing.Message)
	case status.UpdatedReplicas < wanted:
		state.message = fmt.Sprintf("%d of %d Pods are of the newest template", status.UpdatedReplicas, wanted)
	case status.Replicas > status.UpdatedReplicas:
		state.message = fmt.Sprintf("%d Pods of the old template are to stop", status.Replicas-status.UpdatedReplicas)
	case status.AvailableReplicas < wanted:
		state.message = fmt.Sprintf("%d of %d Pods are available", status.AvailableReplicas, wanted)
	default:
		state.settled, state.reason = true, v1alpha1.ReasonReady
		state.message = fmt.Sprintf("%d of %d Pods are available", status.AvailableReplicas, wanted)
	}
	return state
}

func deploymentCondition(d *appsv1.Deployment, kind appsv1.DeploymentConditionType) *appsv1.DeploymentCondition {
	for i := range d.Status.Conditions {
		if d.Status.Conditions[i].Type == kind {
			return &d.Status.Conditions[i]
		}
	}
	return nil
}

// podState reads a Pod workload. wantedHash is that of the Pod that the present spec asks for.
func podState(pod *corev1.Pod, wantedHash string) workloadState {
	state := workloadState{reason: v1alpha1.ReasonProgressing}
	if !hasEnded(pod) {
		state.replicas = 1
	}
	switch {
	case stays(pod) && pod.Status.Phase == corev1.PodSucceeded:
		state.settled, state.reason, state.message = true, v1alpha1.ReasonCompleted, "The Pod ran to its end"
		if hashOf(pod) != wantedHash {
			state.message += "; the spec has changed since: delete the Pod to run it again"
		}
	case stays(pod):
		state.reason, state.stuck = v1alpha1.ReasonPodFailed, true
		state.message = "The Pod failed" + because(pod.Status.Reason, pod.Status.Message) + "; delete it to run it again"
	case pod.DeletionTimestamp != nil:
		state.message = "The Pod is being deleted and will be created anew"
	case podIsReady(pod):
		state.settled, state.ready, state.reason, state.message = true, 1, v1alpha1.ReasonReady, "The Pod is ready"
	case pod.Status.Phase == corev1.PodPending && len(pod.Status.Conditions) == 0:
		state.message = unseen(v1alpha1.PodWorkload)
	default:
		state.message = "The Pod is not ready yet" + because(unreadyReason(pod))
	}
	return state
}

// because joins what Kubernetes says of a Pod to a sentence.
func because(reason, message string) string {
	switch {
	case reason == "" && message == "":
		return ""
	case reason == "":
		return ": " + clip(message)
	case message == "":
		return ": " + reason
	default:
		return fmt.Sprintf(": %s (%s)", clip(message), reason)
	}
}

func podIsReady(pod *corev1.Pod) bool {
	for i := range pod.Status.Conditions {
		if c := &pod.Status.Conditions[i]; c.Type == corev1.PodReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

// unreadyReason finds what a person would look for first: a Pod that can not be scheduled, or a container that waits.
func unreadyReason(pod *corev1.Pod) (reason, message string) {
	for i := range pod.Status.Conditions {
		if c := &pod.Status.Conditions[i]; c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse {
			return c.Reason, c.Message
		}
	}
	for _, statuses := range [][]corev1.ContainerStatus{pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses} {
		for i := range statuses {
			if waiting := statuses[i].State.Waiting; waiting != nil && waiting.Reason != "PodInitializing" && waiting.Reason != "ContainerCreating" {
				return waiting.Reason, fmt.Sprintf("container %s waits", statuses[i].Name)
			}
		}
	}
	return "", ""
}
