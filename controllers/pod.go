package controllers

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
)

// ensurePod keeps a Pod workload as it should be. Little of a Pod can be changed, so one that should be another is
// replaced; a drift in what can be changed is applied. A Pod that ran to its end stays, whatever changed since: to run it
// again is for a person to decide, who deletes it.
func (r *Reconciler) ensurePod(ctx context.Context, a *v1alpha1.Ambassador, child, cached *corev1.Pod) error {
	found, err := r.resolve(ctx, a, child, cached)
	if err != nil {
		return err
	}
	live, exists := found.(*corev1.Pod)
	switch {
	case !exists, stays(live):
		return nil
	case hasEnded(live) || hashOf(live) != hashOf(child):
		return r.replacePod(ctx, a, child, live)
	default:
		return r.converge(ctx, a, child, live)
	}
}

func hashOf(object client.Object) string { return object.GetAnnotations()[build.HashAnnotation] }

func hasEnded(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}

// stays reports whether a Pod has ended for good. One that should always run has not, such as after an eviction.
func stays(pod *corev1.Pod) bool {
	return hasEnded(pod) && pod.Spec.RestartPolicy != corev1.RestartPolicyAlways
}

// replacePod deletes a Pod so that the next pass creates the new one, but not before the API server has taken the new one
// in a dry run under another name: a Pod that runs is better than a template that is refused.
func (r *Reconciler) replacePod(ctx context.Context, a *v1alpha1.Ambassador, child, live *corev1.Pod) error {
	rehearsal := child.DeepCopy()
	rehearsal.Name = child.Name + "-" + hashOf(child)
	if _, err := r.send(ctx, rehearsal, client.DryRunAll); err != nil {
		return err
	}
	precondition := client.Preconditions{UID: &live.UID}
	if err := r.Client.Delete(ctx, live.DeepCopy(), precondition); client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("deleting Pod %s to replace it: %w", live.Name, err)
	}
	r.Recorder.Eventf(a, nil, corev1.EventTypeNormal, v1alpha1.EventPodReplaced, "Replace", "Pod %s is replaced by one of the new template", live.Name)
	return waiting(fmt.Sprintf("Pod %s is being replaced", live.Name))
}

// removeStale deletes what an earlier spec needed and nothing uses any more.
func (r *Reconciler) removeStale(ctx context.Context, seen *observation, wanted *build.Objects) error {
	a := seen.ambassador
	if wanted.Deployment == nil && seen.deployment != nil && metav1.IsControlledBy(seen.deployment, a) {
		if err := r.remove(ctx, seen.deployment); err != nil {
			return err
		}
	}
	if wanted.Pod == nil && seen.pod != nil && metav1.IsControlledBy(seen.pod, a) {
		if err := r.remove(ctx, seen.pod); err != nil {
			return err
		}
	}
	if !onlyWantedPodsRun(seen, wanted) {
		return nil
	}
	for i := range seen.configMaps {
		if wanted.ConfigMap == nil || seen.configMaps[i].Name != wanted.ConfigMap.Name {
			if err := r.remove(ctx, &seen.configMaps[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// onlyWantedPodsRun reports whether every Pod is of the wanted template, so that no other ConfigMap is mounted.
func onlyWantedPodsRun(seen *observation, wanted *build.Objects) bool {
	switch {
	case wanted.Pod == nil && wanted.Deployment == nil:
		return seen.deployment == nil && seen.pod == nil
	case wanted.Pod != nil:
		return seen.deployment == nil && seen.pod != nil && hashOf(seen.pod) == hashOf(wanted.Pod)
	case seen.deployment == nil || seen.pod != nil || hashOf(seen.deployment) != hashOf(wanted.Deployment):
		return false
	default:
		status := &seen.deployment.Status
		return status.ObservedGeneration >= seen.deployment.Generation && status.UpdatedReplicas == status.Replicas
	}
}

// remove deletes an object that is this Ambassador's, and none that took its place in the meantime.
func (r *Reconciler) remove(ctx context.Context, object client.Object) error {
	if object.GetDeletionTimestamp() != nil {
		return nil
	}
	uid := object.GetUID()
	stale := object.DeepCopyObject().(client.Object)
	err := r.Client.Delete(ctx, stale, client.Preconditions{UID: &uid}, client.PropagationPolicy(metav1.DeletePropagationBackground))
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("deleting %T %s: %w", object, object.GetName(), err)
	}
	return nil
}
