package controllers

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
)

// credentialsReady says whether every sidecar holds every credential, from what kubelet and the sidecars say. The Ambassador
// is the one of that name; what a Pod of its own lacks for a guest counts too, because the Pod is not ready before it has it.
func credentialsReady(ambassador string, secrets []build.Secret, sidecars []sidecar, stale []Lack) metav1.Condition {
	verdict := func(status metav1.ConditionStatus, reason, message string) metav1.Condition {
		return metav1.Condition{Type: v1alpha1.ConditionCredentialsReady, Status: status, Reason: reason, Message: message}
	}
	if len(secrets) == 0 {
		return verdict(metav1.ConditionTrue, v1alpha1.ReasonNoCredentials, "The Ambassador asks for no credential")
	}
	if len(sidecars) == 0 {
		return verdict(metav1.ConditionUnknown, v1alpha1.ReasonNoPods, "No Pod runs")
	}
	for i := range sidecars {
		if s := &sidecars[i]; len(s.lacks) > 0 {
			lacks := sentences(ambassador, s.lacks)
			return verdict(metav1.ConditionFalse, reasonOf(s.lacks[0]), clip(fmt.Sprintf("Pod %s: %s", s.pod, strings.Join(lacks, "; "))))
		}
	}
	for i := range sidecars {
		if s := &sidecars[i]; s.unreachable {
			return verdict(metav1.ConditionFalse, v1alpha1.ReasonSidecarUnreachable,
				fmt.Sprintf("The sidecar of Pod %s is not ready, and could not be asked why on port %d; look at its log", s.pod, v1alpha1.AdminPort))
		}
	}
	if starting := slices.IndexFunc(sidecars, func(s sidecar) bool { return !s.ready }); starting >= 0 {
		return verdict(metav1.ConditionUnknown, v1alpha1.ReasonSidecarStarting, fmt.Sprintf("The sidecar of Pod %s has yet to come up", sidecars[starting].pod))
	}
	if len(stale) > 0 {
		return verdict(metav1.ConditionTrue, v1alpha1.ReasonStaleCredential,
			clip("A new value can not be used, and the last good one stays in use: "+strings.Join(sentences(ambassador, stale), "; ")))
	}
	return verdict(metav1.ConditionTrue, v1alpha1.ReasonCredentialsHeld, "Every sidecar holds every credential")
}

// reasonOf is the one place where a sidecar's words become reasons.
func reasonOf(l Lack) string {
	switch l.Problem {
	case LackMissing:
		return v1alpha1.ReasonCredentialMissing
	case LackNotAllowed:
		return v1alpha1.ReasonUpstreamNotAllowed
	default:
		return v1alpha1.ReasonCredentialInvalid
	}
}

// sentences say what is lacking and what to do, one for each key.
func sentences(ambassador string, lacks []Lack) []string {
	var out []string
	for _, l := range lacks {
		text := fmt.Sprintf("Secret %s, key %s: ", plain(l.Secret), plain(l.Key))
		if l.Ambassador != "" && l.Ambassador != ambassador {
			text = fmt.Sprintf("Ambassador %s, ", plain(l.Ambassador)) + text
		}
		switch l.Problem {
		case LackMissing:
			text += "missing; create the Secret with this key"
		case LackEmpty:
			text += "empty; give it a value"
		default:
			text += cmp.Or(plain(l.Detail), plain(l.Problem))
		}
		out = append(out, text)
	}
	return out
}

// plain makes text that came over the network fit for a status: short, and printable.
func plain(text string) string {
	if len(text) > 253 {
		text = text[:253]
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFD' {
			return -1
		}
		return r
	}, text)
}

// evidence lists the sidecars in the status, those that lack something first, then by name.
func evidence(sidecars []sidecar) []v1alpha1.PodEvidence {
	sorted := slices.Clone(sidecars)
	slices.SortStableFunc(sorted, func(a, b sidecar) int { return cmp.Compare(rank(a), rank(b)) })
	var out []v1alpha1.PodEvidence
	for _, s := range sorted[:min(len(sorted), v1alpha1.MaxStatusPods)] {
		pod := v1alpha1.PodEvidence{Name: s.pod, Ready: s.ready}
		for _, l := range s.lacks[:min(len(s.lacks), v1alpha1.MaxStatusMissing)] {
			pod.Missing = append(pod.Missing, fmt.Sprintf("%s/%s: %s", plain(l.Secret), plain(l.Key), plain(l.Problem)[:min(len(plain(l.Problem)), 64)]))
		}
		out = append(out, pod)
	}
	return out
}

func rank(s sidecar) int {
	switch {
	case len(s.lacks) > 0:
		return 0
	case !s.ready:
		return 1
	default:
		return 2
	}
}
