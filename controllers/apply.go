package controllers

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	applyappsv1 "k8s.io/client-go/applyconfigurations/apps/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
	"github.com/ambassador-operator/ambassador-operator/controllers/drift"
)

// apply makes the children what they should be. It stops at the first that can not be: what comes later needs it.
func (r *Reconciler) apply(ctx context.Context, seen *observation, wanted *build.Objects) outcome {
	return outcomeOf(r.applyChildren(ctx, seen, wanted))
}

func (r *Reconciler) applyChildren(ctx context.Context, seen *observation, wanted *build.Objects) error {
	a := seen.ambassador
	if wanted.ConfigMap != nil {
		if err := r.ensure(ctx, a, wanted.ConfigMap, seen.configMap(wanted.ConfigMap.Name)); err != nil {
			return err
		}
	}
	if wanted.Pod != nil {
		if err := r.ensurePod(ctx, a, wanted.Pod, seen.pod); err != nil {
			return err
		}
	}
	if wanted.Deployment != nil {
		if err := r.ensureDeployment(ctx, a, wanted.Deployment, seen.deployment); err != nil {
			return err
		}
	}
	return r.removeStale(ctx, seen, wanted)
}

// configMap returns the Ambassador's ConfigMap of that name as an object, or a nil one.
func (o *observation) configMap(name string) *corev1.ConfigMap {
	for i := range o.configMaps {
		if o.configMaps[i].Name == name {
			return &o.configMaps[i]
		}
	}
	return nil
}

// ensure applies a child unless the live one says it all already. live is nil where the cache holds none.
func (r *Reconciler) ensure(ctx context.Context, a *v1alpha1.Ambassador, child, live client.Object) error {
	found, err := r.resolve(ctx, a, child, live)
	if err != nil || found == nil {
		return err
	}
	return r.converge(ctx, a, child, found)
}

// resolve creates the child where it does not exist, and returns nil; where it exists it returns the live object, if that
// is this Ambassador's to change. The cache holds none that are not ours, so creation must not apply over one.
func (r *Reconciler) resolve(ctx context.Context, a *v1alpha1.Ambassador, child, live client.Object) (client.Object, error) {
	if reflect.ValueOf(live).IsNil() {
		found, err := r.create(ctx, child)
		if err != nil || found == nil {
			return nil, err
		}
		live = found
	}
	kind := kindOf(child)
	controller := metav1.GetControllerOf(live)
	switch {
	case metav1.IsControlledBy(live, a) && live.GetDeletionTimestamp() == nil:
		return live, nil
	case metav1.IsControlledBy(live, a):
		return nil, waiting(fmt.Sprintf("%s %s is being deleted and will be created anew", kind, live.GetName()))
	case controller != nil && controller.Kind == "Ambassador" && controller.Name == a.Name && strings.HasPrefix(controller.APIVersion, v1alpha1.GroupVersion.Group+"/"):
		return nil, waiting(fmt.Sprintf("%s %s belongs to a deleted Ambassador of this name and is being removed", kind, live.GetName()))
	default:
		return nil, conflict(kind, live)
	}
}

// converge applies a child where the live one differs from it, and remembers where that changes nothing.
func (r *Reconciler) converge(ctx context.Context, a *v1alpha1.Ambassador, child, live client.Object) error {
	why := difference(child, live)
	if why == "" || r.memory.isSettled(a, live.GetUID(), fingerprint(child, live)) {
		return nil
	}
	logf.FromContext(ctx).V(1).Info("applying", "kind", kindOf(child), "name", child.GetName(), "because", why)
	version, err := r.send(ctx, child)
	if err == nil && version == live.GetResourceVersion() {
		r.memory.settle(a, live.GetUID(), fingerprint(child, live))
	}
	return err
}

func kindOf(child client.Object) string { return child.GetObjectKind().GroupVersionKind().Kind }

// noVersion is a resource version that no object has. The API server holds what is applied to the version that it gives,
// and creates what does not exist whatever it gives: so an apply with this version creates or fails, in one step.
const noVersion = "1"

// create applies a child that must not exist yet. Where it does, in or out of the cache's sight, it returns the live one.
func (r *Reconciler) create(ctx context.Context, child client.Object) (live client.Object, err error) {
	first := child.DeepCopyObject().(client.Object)
	first.SetResourceVersion(noVersion)
	_, err = r.send(ctx, first)
	if !apierrors.IsConflict(err) {
		return nil, err
	}
	live = reflect.New(reflect.TypeOf(child).Elem()).Interface().(client.Object)
	if err := r.Live.Get(ctx, client.ObjectKeyFromObject(child), live); err != nil {
		return nil, fmt.Errorf("reading %s %s, which exists: %w", kindOf(child), child.GetName(), err)
	}
	return live, nil
}

// difference says why a live object is not what was wanted; "" where it is. The hash tells of what is not wanted any more,
// the comparison of what somebody else changed.
func difference(child, live client.Object) string {
	if live.GetAnnotations()[build.HashAnnotation] != child.GetAnnotations()[build.HashAnnotation] {
		return "the spec or the operator changed"
	}
	if path := drift.Find(child, live); path != "" {
		return path + " was changed"
	}
	return ""
}

// fingerprint identifies what is wanted and what is there, but for the status.
func fingerprint(child, live client.Object) string {
	bare := live.DeepCopyObject().(client.Object)
	bare.SetResourceVersion("")
	bare.SetManagedFields(nil)
	switch bare := bare.(type) {
	case *appsv1.Deployment:
		bare.Status = appsv1.DeploymentStatus{}
	case *corev1.Pod:
		bare.Status = corev1.PodStatus{}
	}
	text, err := json.Marshal(bare)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%s %x", child.GetAnnotations()[build.HashAnnotation], sha256.Sum256(text))
}

// send applies a child, and returns the resource version that it has then.
func (r *Reconciler) send(ctx context.Context, child client.Object, options ...client.ApplyOption) (version string, err error) {
	applied, err := build.ApplyConfiguration(child)
	if err != nil {
		return "", err
	}
	options = append(options, client.FieldOwner(build.FieldOwner), client.ForceOwnership)
	if err := r.Client.Apply(ctx, applied, options...); err != nil {
		return "", fmt.Errorf("applying %s %s: %w", kindOf(child), child.GetName(), err)
	}
	return build.ResourceVersion(applied), nil
}

// replicasOwner owns the replica count from the moment the resource stops giving one until an autoscaler takes it.
const replicasOwner = build.FieldOwner + "-replicas"

func (r *Reconciler) ensureDeployment(ctx context.Context, a *v1alpha1.Ambassador, child, live *appsv1.Deployment) error {
	if child.Spec.Replicas == nil && live != nil && metav1.IsControlledBy(live, a) && difference(child, live) != "" {
		if err := r.leaveReplicas(ctx, child); err != nil {
			return err
		}
	}
	return r.ensure(ctx, a, child, live)
}

// leaveReplicas keeps the count where it is when the resource does not give one any more. A field that its only owner
// stops applying is removed, and a Deployment without replicas has one: so the count gets another owner first.
func (r *Reconciler) leaveReplicas(ctx context.Context, child *appsv1.Deployment) error {
	live, err := find(ctx, r.Live, client.ObjectKeyFromObject(child), &appsv1.Deployment{})
	if err != nil || live == nil || live.Spec.Replicas == nil || !ownsReplicas(live.ManagedFields) {
		return err
	}
	handover := applyappsv1.Deployment(live.Name, live.Namespace).
		WithUID(live.UID).
		WithSpec(applyappsv1.DeploymentSpec().WithReplicas(*live.Spec.Replicas))
	if err := r.Client.Apply(ctx, handover, client.FieldOwner(replicasOwner), client.ForceOwnership); err != nil {
		return fmt.Errorf("leaving the replicas of Deployment %s: %w", live.Name, err)
	}
	return nil
}

func ownsReplicas(fields []metav1.ManagedFieldsEntry) bool {
	for _, entry := range fields {
		if entry.Manager == build.FieldOwner && entry.Subresource == "" && entry.FieldsV1 != nil &&
			strings.Contains(entry.FieldsV1.GetRawString(), `"f:replicas"`) {
			return true
		}
	}
	return false
}
