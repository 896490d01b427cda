package controllers

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
)

// report writes the status where it changed, and tells of what turned bad or good by Events, once. The write carries the
// version of the Ambassador that was judged: where somebody else wrote meanwhile it is refused as a conflict, and the newer one is judged next.
func (r *Reconciler) report(ctx context.Context, judged *v1alpha1.Ambassador, status *v1alpha1.AmbassadorStatus) error {
	if equality.Semantic.DeepEqual(&judged.Status, status) {
		return nil
	}
	updated := judged.DeepCopy()
	updated.Status = *status
	err := r.Client.Status().Update(ctx, updated)
	switch {
	case apierrors.IsNotFound(err):
		return nil
	case err != nil:
		return fmt.Errorf("writing the status: %w", err)
	}
	r.memory.wrote(client.ObjectKeyFromObject(updated), updated.ResourceVersion)
	for _, event := range eventsOf(&judged.Status, status) {
		r.Recorder.Eventf(updated, nil, event.kind, event.reason, event.action, "%s", event.note)
	}
	return nil
}

// event is one that a person should hear of.
type event struct{ kind, reason, action, note string }

// maxNote is the API's bound on the text of an Event, in bytes.
const maxNote = 1024

// eventsOf compares two statuses. An Event is due when a condition turns, or turns bad for another reason; the same
// reason in other words is not news.
func eventsOf(before, after *v1alpha1.AmbassadorStatus) []event {
	var out []event
	told := map[string]bool{}
	for _, kind := range []string{
		v1alpha1.ConditionAccepted, v1alpha1.ConditionCredentialsReady, v1alpha1.ConditionIsolated, v1alpha1.ConditionStalled, v1alpha1.ConditionReady,
	} {
		now, was := meta.FindStatusCondition(after.Conditions, kind), meta.FindStatusCondition(before.Conditions, kind)
		if now == nil || was != nil && was.Status == now.Status && was.Reason == now.Reason || told[now.Reason] {
			continue
		}
		due := event{corev1.EventTypeWarning, now.Reason, "Reconcile", strings.ToValidUTF8(now.Message[:min(len(now.Message), maxNote)], "")}
		switch {
		case kind == v1alpha1.ConditionReady && now.Status == metav1.ConditionTrue:
			due.kind = corev1.EventTypeNormal
		case now.Reason == v1alpha1.ReasonStaleCredential: // It is True, and a person should hear of it.
		case kind == v1alpha1.ConditionReady, kind != v1alpha1.ConditionStalled && now.Status != metav1.ConditionFalse:
			continue
		}
		told[now.Reason] = true
		out = append(out, due)
	}
	return out
}
