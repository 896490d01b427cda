package controllers

import (
	"context"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
)

// These are all the rights that the operator has on what Ambassadors stand for. There is none on Secrets.
//
// +kubebuilder:rbac:groups=ambassador-operator.io,resources=ambassadors,verbs=get;list;watch
// +kubebuilder:rbac:groups=ambassador-operator.io,resources=ambassadors/status,verbs=update
// +kubebuilder:rbac:groups=ambassador-operator.io,resources=ambassadors/finalizers,verbs=update
// +kubebuilder:rbac:groups=apps,resources=deployments,verbs=get;list;watch;create;patch;delete
// +kubebuilder:rbac:groups="",resources=configmaps;pods,verbs=get;list;watch;create;patch;delete
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// DefaultConcurrency is how many Ambassadors are reconciled at once. A pass waits for the API server most of its time.
const DefaultConcurrency = 16

// Backoff of an Ambassador whose pass fails.
const (
	firstRetry = 100 * time.Millisecond
	lastRetry  = time.Minute
)

// Setup registers the reconciler with a manager whose cache was made with [CacheOptions].
func (r *Reconciler) Setup(ctx context.Context, manager ctrl.Manager, options controller.Options) error {
	if err := r.index(ctx, manager.GetFieldIndexer()); err != nil {
		return err
	}
	if options.RateLimiter == nil {
		options.RateLimiter = workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](firstRetry, lastRetry)
	}
	if options.MaxConcurrentReconciles == 0 {
		options.MaxConcurrentReconciles = DefaultConcurrency
	}
	err := ctrl.NewControllerManagedBy(manager).
		For(&v1alpha1.Ambassador{}).
		Owns(&appsv1.Deployment{}).
		Owns(&corev1.ConfigMap{}).
		Watches(&corev1.Pod{}, handler.EnqueueRequestsFromMapFunc(ambassadorOf)).
		// A guest's spec is part of what its hosts' sidecars serve; what becomes of a host and its children, part of a guest's status.
		Watches(&v1alpha1.Ambassador{}, handler.EnqueueRequestsFromMapFunc(r.hostsOf), builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&v1alpha1.Ambassador{}, handler.EnqueueRequestsFromMapFunc(guestsOf)).
		Watches(&corev1.ConfigMap{}, handler.EnqueueRequestsFromMapFunc(r.guestsOfOwner)).
		Watches(&corev1.Pod{}, handler.EnqueueRequestsFromMapFunc(r.guestsOfOwner)).
		WithOptions(options).
		Complete(r)
	if err != nil {
		return fmt.Errorf("setting up the controller: %w", err)
	}
	return nil
}

// hostsOf maps an Ambassador to those whose templates take it in.
func (r *Reconciler) hostsOf(ctx context.Context, guest client.Object) []reconcile.Request {
	hosts := &v1alpha1.AmbassadorList{}
	err := r.Client.List(ctx, hosts, client.InNamespace(guest.GetNamespace()), client.MatchingFields{GuestIndex: guest.GetName()}, client.UnsafeDisableDeepCopy)
	if err != nil {
		logf.FromContext(ctx).Error(err, "listing the Ambassadors that take one in", "ambassador", guest.GetName())
	}
	var requests []reconcile.Request
	for i := range hosts.Items {
		requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&hosts.Items[i])})
	}
	return requests
}

// guestsOf maps an Ambassador to those that its template takes in.
func guestsOf(_ context.Context, host client.Object) []reconcile.Request {
	var requests []reconcile.Request
	for _, name := range build.Names(host.(*v1alpha1.Ambassador)) {
		requests = append(requests, reconcile.Request{NamespacedName: types.NamespacedName{Namespace: host.GetNamespace(), Name: name}})
	}
	return requests
}

// guestsOfOwner maps a Pod or ConfigMap to the guests of the Ambassador that its label names.
func (r *Reconciler) guestsOfOwner(ctx context.Context, child client.Object) []reconcile.Request {
	host := &v1alpha1.Ambassador{}
	name := types.NamespacedName{Namespace: child.GetNamespace(), Name: child.GetLabels()[build.AmbassadorLabel]}
	if err := r.Client.Get(ctx, name, host); err != nil {
		return nil // It is gone, and its guests were told of that.
	}
	return guestsOf(ctx, host)
}

// ambassadorOf maps a Pod, which a ReplicaSet may own, to the Ambassador that its label names.
func ambassadorOf(_ context.Context, pod client.Object) []reconcile.Request {
	name := pod.GetLabels()[build.AmbassadorLabel]
	return []reconcile.Request{{NamespacedName: types.NamespacedName{Namespace: pod.GetNamespace(), Name: name}}}
}

// CacheOptions keep the cache small: of the cluster's Deployments, ConfigMaps and Pods only those that carry
// [build.AmbassadorLabel], and of those only what is read. namespaces restricts it further; none are all.
func CacheOptions(namespaces []string) cache.Options {
	labelled, err := labels.NewRequirement(build.AmbassadorLabel, selection.Exists, nil)
	if err != nil {
		panic(err) // The requirement is a constant.
	}
	ours := cache.ByObject{Label: labels.NewSelector().Add(*labelled)}
	pods := ours
	pods.Transform = slimPod
	options := cache.Options{
		ReaderFailOnMissingInformer: true,
		DefaultTransform:            slim,
		ByObject: map[client.Object]cache.ByObject{
			&appsv1.Deployment{}: ours,
			&corev1.ConfigMap{}:  ours,
			&corev1.Pod{}:        pods,
		},
	}
	for _, namespace := range namespaces {
		if options.DefaultNamespaces == nil {
			options.DefaultNamespaces = map[string]cache.Config{}
		}
		options.DefaultNamespaces[namespace] = cache.Config{}
	}
	return options
}

// lastApplied is where a client-side kubectl apply keeps a copy of the whole object.
const lastApplied = corev1.LastAppliedConfigAnnotation

// slim drops what no pass reads, and can be a third of an object.
func slim(in any) (any, error) {
	if object, ok := in.(metav1.Object); ok {
		object.SetManagedFields(nil)
	}
	if a, ok := in.(*v1alpha1.Ambassador); ok {
		delete(a.Annotations, lastApplied)
	}
	return in, nil
}

// slimPod also drops the spec of a Pod that a ReplicaSet made: only its status is read, and which ConfigMap it mounts.
func slimPod(in any) (any, error) {
	pod, ok := in.(*corev1.Pod)
	if !ok {
		return in, nil
	}
	pod.ManagedFields = nil
	if owner := metav1.GetControllerOf(pod); owner == nil || owner.Kind != "Ambassador" {
		pod.Spec = corev1.PodSpec{Volumes: build.ConfigVolume(pod.Spec.Volumes)}
		pod.Annotations = nil
	}
	return pod, nil
}
