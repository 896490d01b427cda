package controllers

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
)

// host is an Ambassador whose template takes in the one at hand, its guest.
type host struct {
	ambassador *v1alpha1.Ambassador
	// pods is the number of its Pods that have not ended; current is how many of them serve the guest as it is now.
	pods, current int
}

// gatherGuests reads the Ambassadors that the template takes in.
func (r *Reconciler) gatherGuests(ctx context.Context, seen *observation) error {
	for _, name := range build.Names(seen.ambassador) {
		guest, err := find(ctx, r.Client, types.NamespacedName{Namespace: seen.ambassador.Namespace, Name: name}, &v1alpha1.Ambassador{})
		if err != nil {
			return err
		}
		if guest != nil {
			seen.guests = append(seen.guests, guest)
		}
	}
	return nil
}

// gatherHosts reads the Ambassadors that take this one in, and returns those of their Pods that serve it as it is now.
func (r *Reconciler) gatherHosts(ctx context.Context, seen *observation) ([]corev1.Pod, error) {
	a := seen.ambassador
	hosts := &v1alpha1.AmbassadorList{}
	if err := r.Client.List(ctx, hosts, client.InNamespace(a.Namespace), client.MatchingFields{GuestIndex: a.Name}, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("listing the Ambassadors that take it in: %w", err)
	}
	var serving []corev1.Pod
	for i := range hosts.Items {
		if hosts.Items[i].Name == a.Name {
			continue
		}
		found := host{ambassador: &hosts.Items[i]}
		pods, err := r.gatherHost(ctx, &found, a)
		if err != nil {
			return nil, err
		}
		serving = append(serving, pods...)
		seen.hosts = append(seen.hosts, found)
	}
	slices.SortFunc(seen.hosts, func(x, y host) int { return cmp.Compare(x.ambassador.Name, y.ambassador.Name) })
	return serving, nil
}

// gatherHost counts the host's Pods, and returns those that serve the guest as it is now. A Pod serves what is in the
// ConfigMap that it mounts: one of an earlier template has another than the host's newest.
func (r *Reconciler) gatherHost(ctx context.Context, h *host, guest *v1alpha1.Ambassador) ([]corev1.Pod, error) {
	maps, pods := &corev1.ConfigMapList{}, &corev1.PodList{}
	for _, list := range []client.ObjectList{maps, pods} {
		if err := r.Client.List(ctx, list, ownedBy(h.ambassador)...); err != nil {
			return nil, fmt.Errorf("listing what Ambassador %s has: %w", h.ambassador.Name, err)
		}
	}
	serves := map[string]bool{}
	for i := range maps.Items {
		serves[maps.Items[i].Name] = build.Serves(&maps.Items[i], guest)
	}
	var serving []corev1.Pod
	for i := range pods.Items {
		pod := &pods.Items[i]
		if hasEnded(pod) || pod.DeletionTimestamp != nil {
			continue
		}
		h.pods++
		if volume := build.ConfigVolume(pod.Spec.Volumes); len(volume) == 1 && serves[volume[0].ConfigMap.Name] {
			h.current++
			serving = append(serving, *pod)
		}
	}
	return serving, nil
}
