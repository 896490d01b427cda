package controllers

import (
	"context"
	"errors"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
)

// refusal is why an Ambassador is not applied as it stands. It goes into the condition Accepted.
type refusal struct {
	// reason is one of Accepted's reasons; message says what is wrong and what to do, in the API server's words where it refused.
	reason, message string
	// mayPass says that something other than the Ambassador may lift the refusal.
	mayPass bool
	// waits says that the refusal is lifted by something that is watched, most likely soon: nobody need act.
	waits bool
}

// Error implements error, so that a refusal can travel up from where it was met.
func (r *refusal) Error() string { return r.reason + ": " + r.message }

// conflict refuses to touch an object that is not the Ambassador's.
func conflict(kind string, object client.Object) *refusal {
	owner := "nobody's"
	if controller := metav1.GetControllerOf(object); controller != nil {
		owner = fmt.Sprintf("controlled by %s %s", controller.Kind, controller.Name)
	}
	return &refusal{
		reason: v1alpha1.ReasonOwnershipConflict,
		message: fmt.Sprintf("%s %s exists and is not this Ambassador's (it is %s); it stays untouched. Delete or rename it, or give the Ambassador another name",
			kind, object.GetName(), owner),
		mayPass: true,
	}
}

// waiting is why a child can not be applied yet; a watch tells when it can.
type waiting string

// Error implements error, so that it can travel up from where it was met.
func (w waiting) Error() string { return string(w) }

// outcome is what came of applying.
type outcome struct {
	// refusal is set where the spec, the API server or a foreign object stands in the way.
	refusal *refusal
	// failure is set where trying again soon may help.
	failure error
	// progress says what is being waited for, or is empty.
	progress string
	// silent says that there is nothing to do and nobody to tell: the namespace is going, or the operator is.
	silent bool
}

// outcomeOf sorts an error by what can be done about it.
func outcomeOf(err error) outcome {
	var out outcome
	refused, isRefusal := errors.AsType[*refusal](err)
	waits, isWaiting := errors.AsType[waiting](err)
	switch {
	case err == nil:
	case isRefusal:
		out.refusal = refused
	case isWaiting:
		out.progress = string(waits)
	case apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause), errors.Is(err, context.Canceled):
		out.silent = true
	case apierrors.IsForbidden(err), apierrors.IsInvalid(err), apierrors.IsBadRequest(err), apierrors.IsRequestEntityTooLargeError(err):
		out.refusal = refusalOf(wordsOf(err))
	default:
		out.failure = err
	}
	return out
}

// wordsOf returns the API server's own words, without what was put in front of them on the way here.
func wordsOf(err error) string {
	if status, ok := errors.AsType[*apierrors.StatusError](err); ok {
		return status.ErrStatus.Message
	}
	return err.Error()
}

// refusalOf finds the reason in the API server's words. They are all there is: a quota, Pod Security and a webhook all
// answer 403, and so does a ReplicaSet's failure, which arrives as text alone.
func refusalOf(words string) *refusal {
	out := &refusal{reason: v1alpha1.ReasonInvalidTemplate, message: clip(words), mayPass: true}
	switch {
	case strings.Contains(words, "exceeded quota"):
		out.reason = v1alpha1.ReasonQuotaExceeded
	case strings.Contains(words, "forbidden"), strings.Contains(words, "denied"):
		out.reason = v1alpha1.ReasonAdmissionDenied
	}
	return out
}

// maxWords bounds a message: a condition takes 32 KiB, a person much less.
const maxWords = 1500

func clip(text string) string {
	if len(text) <= maxWords {
		return text
	}
	return strings.ToValidUTF8(text[:maxWords], "") + " …"
}
