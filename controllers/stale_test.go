package controllers

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
)

// saying answers for every sidecar, and counts how often it was asked.
type saying struct {
	lacks []Lack
	err   error
	asked int
}

func (s *saying) Lacks(context.Context, string) ([]Lack, error) {
	s.asked++
	return s.lacks, s.err
}

func TestReadySidecarsAreAskedNowAndThenForStaleCredentials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kept := Lack{Ambassador: "omdb", Secret: "omdb", Key: "apikey", Problem: LackEmpty, Kept: true}
		others := kept
		others.Ambassador = "weather"
		answers := &saying{lacks: []Lack{others, kept}}
		r := &Reconciler{Sidecars: answers}
		seen := &observation{sidecars: evidenceOf(true), ambassador: guest("omdb", func(a *v1alpha1.Ambassador) {
			a.Spec.Secret = &v1alpha1.SecretReference{Name: "omdb"}
			a.Spec.Credentials = []v1alpha1.Credential{{Query: &v1alpha1.QueryCredential{Name: "apikey", Key: "apikey"}}}
		})}
		expect := func(when string, stale, asked int) {
			t.Helper()
			if got := r.gatherStale(t.Context(), seen); len(got) != stale || answers.asked != asked {
				t.Errorf("%s: %v after %d questions, want %d after %d", when, got, answers.asked, stale, asked)
			}
		}
		expect("at first", 1, 1)
		expect("at once again", 1, 1)
		answers.lacks = nil
		<-time.After(staleAgain)
		expect("when it is time", 0, 2)
		answers.err = errors.New("no route to host")
		<-time.After(staleAgain)
		expect("when it can not be asked", 0, 3)
		<-time.After(staleAgain)
		expect("soon after that", 0, 3)
		<-time.After(staleUnreachable)
		expect("long after that", 0, 4)
		seen.sidecars = evidenceOf(false)
		<-time.After(staleUnreachable)
		expect("without a ready Pod", 0, 4)
	})
}

func TestAStaleCredentialIsSaidAndHeardOf(t *testing.T) {
	stale := []Lack{{Ambassador: "omdb", Secret: "omdb", Key: "apikey", Problem: LackInvalid, Detail: "holds a line break", Kept: true}}
	got := credentialsReady("omdb", []build.Secret{{Name: "omdb"}}, evidenceOf(true), stale)
	if got.Status != metav1.ConditionTrue || got.Reason != v1alpha1.ReasonStaleCredential || !strings.Contains(got.Message, "Secret omdb, key apikey: holds a line break") {
		t.Errorf("%s, %s: %s", got.Status, got.Reason, got.Message)
	}
	events := eventsOf(&v1alpha1.AmbassadorStatus{}, &v1alpha1.AmbassadorStatus{Conditions: []metav1.Condition{got}})
	if len(events) != 1 || events[0].kind != "Warning" || events[0].reason != v1alpha1.ReasonStaleCredential {
		t.Errorf("events: %+v", events)
	}
}
