package controllers

import (
	"context"
	"fmt"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
)

// observation is all that a pass knows. Nothing in it is changed after gather: its objects belong to the cache.
type observation struct {
	ambassador *v1alpha1.Ambassador
	// guests are the Ambassadors that the template takes in, in its order; those that do not exist are left out.
	guests []*v1alpha1.Ambassador
	// hosts are the other Ambassadors whose templates take this one in, by name.
	hosts []host
	// configMaps are this Ambassador's own.
	configMaps []corev1.ConfigMap
	// deployment and pod are what the cache holds under the Ambassador's name, whoever's they are; nil where there is none.
	deployment *appsv1.Deployment
	pod        *corev1.Pod
	// sidecars are those that serve the Ambassador in Pods that have not ended, its own and its hosts', by the Pods' names.
	sidecars []sidecar
	// stale are the Ambassador's credentials of which a ready sidecar has a last good value only.
	stale []Lack
}

// gather reads what a pass needs, all of it from the cache but for the word of sidecars that are not ready. It returns nil
// where there is nothing to do: the Ambassador is gone or going, or the cache is older than its last status.
func (r *Reconciler) gather(ctx context.Context, name types.NamespacedName) (*observation, error) {
	ambassador := &v1alpha1.Ambassador{}
	if err := r.Client.Get(ctx, name, ambassador); err != nil {
		if apierrors.IsNotFound(err) {
			r.memory.forget(name)
			return nil, nil
		}
		return nil, fmt.Errorf("reading the Ambassador: %w", err)
	}
	if ambassador.DeletionTimestamp != nil || r.memory.behind(name, ambassador.ResourceVersion) {
		return nil, nil
	}
	seen := &observation{ambassador: ambassador}
	if err := r.gatherChildren(ctx, seen); err != nil {
		return nil, err
	}
	if err := r.gatherGuests(ctx, seen); err != nil {
		return nil, err
	}
	pods, err := r.gatherPods(ctx, seen)
	if err != nil {
		return nil, err
	}
	seen.sidecars = askSidecars(ctx, r.Sidecars, ambassador.Name, pods)
	seen.stale = r.gatherStale(ctx, seen)
	return seen, nil
}

// gatherPods lists the Pods that serve the Ambassador: its own, and those of its hosts.
func (r *Reconciler) gatherPods(ctx context.Context, seen *observation) ([]corev1.Pod, error) {
	own := &corev1.PodList{}
	if err := r.Client.List(ctx, own, ownedBy(seen.ambassador)...); err != nil {
		return nil, fmt.Errorf("listing Pods: %w", err)
	}
	pods, err := r.gatherHosts(ctx, seen)
	return slices.Concat(own.Items, pods), err
}

func (r *Reconciler) gatherChildren(ctx context.Context, seen *observation) error {
	a := seen.ambassador
	maps := &corev1.ConfigMapList{}
	if err := r.Client.List(ctx, maps, ownedBy(a)...); err != nil {
		return fmt.Errorf("listing ConfigMaps: %w", err)
	}
	for i := range maps.Items {
		if metav1.IsControlledBy(&maps.Items[i], a) {
			seen.configMaps = append(seen.configMaps, maps.Items[i])
		}
	}
	var err error
	if seen.deployment, err = find(ctx, r.Client, client.ObjectKeyFromObject(a), &appsv1.Deployment{}); err != nil {
		return err
	}
	seen.pod, err = find(ctx, r.Client, client.ObjectKeyFromObject(a), &corev1.Pod{})
	return err
}

// ownedBy selects by the index of [AmbassadorIndex]; the result is the cache's own and must not be changed.
func ownedBy(a *v1alpha1.Ambassador) []client.ListOption {
	return []client.ListOption{
		client.InNamespace(a.Namespace),
		client.MatchingFields{AmbassadorIndex: a.Name},
		client.UnsafeDisableDeepCopy,
	}
}

// find reads an object; one that does not exist is nil.
func find[T client.Object](ctx context.Context, reader client.Reader, key client.ObjectKey, object T) (T, error) {
	var none T
	err := reader.Get(ctx, key, object)
	if apierrors.IsNotFound(err) {
		return none, nil
	}
	if err != nil {
		return none, fmt.Errorf("reading %T %s: %w", object, key, err)
	}
	return object, nil
}
