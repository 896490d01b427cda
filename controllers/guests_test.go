package controllers

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
)

// guest returns an Ambassador without a workload.
func guest(name string, edit func(*v1alpha1.Ambassador)) *v1alpha1.Ambassador {
	a := &v1alpha1.Ambassador{}
	a.Name, a.Spec.Port, a.Spec.Upstream.URL = name, 8080, "https://www.omdbapi.com"
	a.Spec.Routes = []v1alpha1.Route{{Path: "/ratings"}}
	if edit != nil {
		edit(a)
	}
	return a
}

// hostOf returns an Ambassador with a workload whose template takes in others.
func hostOf(names string) *v1alpha1.Ambassador {
	a := withTemplate(func(*corev1.PodSpec) {})
	a.Spec.Routes = []v1alpha1.Route{{Path: "/movies"}}
	a.Spec.Workload.Template.Annotations = map[string]string{build.AmbassadorsAnnotation: names}
	return a
}

// mapped gives an Ambassador's route a program.
func mapped(jq string) func(*v1alpha1.Ambassador) {
	return func(a *v1alpha1.Ambassador) {
		a.Spec.Routes[0].Response = &v1alpha1.Response{Rules: []v1alpha1.ResponseRule{{JQ: jq}}}
	}
}

func TestWhatIsDecidedOfSeveral(t *testing.T) {
	omdb := guest("omdb", nil)
	taken := hostOf("omdb")
	taken.Spec.Workload.Template.Spec.Containers[0].Ports = []corev1.ContainerPort{{ContainerPort: 9090}}
	tests := []struct {
		name    string
		a       *v1alpha1.Ambassador
		guests  []*v1alpha1.Ambassador
		reason  string // "" where it is accepted
		message string
	}{
		{"one that takes another in", hostOf("omdb"), []*v1alpha1.Ambassador{omdb}, "", ""},
		{"one without a workload", omdb, nil, "", ""},
		{"one that does not exist", hostOf("omdb,weather,news"), []*v1alpha1.Ambassador{omdb}, v1alpha1.ReasonAmbassadorNotFound,
			build.AmbassadorsAt + ": there is no Ambassador weather, news in this namespace"},
		{"a malformed annotation", hostOf("omdb;weather"), nil, v1alpha1.ReasonInvalidSpec, build.AmbassadorsAt + `: "omdb;weather" is not`},
		{"routes of one port that fit equally well", hostOf("omdb"), []*v1alpha1.Ambassador{guest("omdb", func(a *v1alpha1.Ambassador) {
			a.Spec.Routes[0].Path = "/movies"
		})}, v1alpha1.ReasonRouteConflict, `Ambassador omdb, spec.routes[0].path: "/movies" of "omdb" answers what "/movies" of "themoviedb"`},
		{"the same routes on another port", hostOf("omdb"), []*v1alpha1.Ambassador{guest("omdb", func(a *v1alpha1.Ambassador) {
			a.Spec.Routes[0].Path, a.Spec.Port = "/movies", 9090
		})}, "", ""},
		{"a container on a guest's port", taken, []*v1alpha1.Ambassador{guest("omdb", func(a *v1alpha1.Ambassador) { a.Spec.Port = 9090 })},
			v1alpha1.ReasonPortTaken, "spec.workload.template.spec.containers[0].ports[0].containerPort: container main uses port 9090, on which the sidecar listens for Ambassador omdb"},
		{"a guest that is not sound", hostOf("omdb"), []*v1alpha1.Ambassador{guest("omdb", func(a *v1alpha1.Ambassador) { a.Spec.Port = 1 })},
			v1alpha1.ReasonAmbassadorNotAccepted, build.AmbassadorsAt + ": Ambassador omdb is not accepted: spec.port"},
		{"a guest's program that does not compile", hostOf("omdb"), []*v1alpha1.Ambassador{guest("omdb", mapped("{"))},
			v1alpha1.ReasonAmbassadorNotAccepted, build.AmbassadorsAt + ": Ambassador omdb is not accepted: spec.routes[0].response.rules[0].jq"},
		{"a program that does not compile, of one without a workload", guest("omdb", mapped("{")), nil,
			v1alpha1.ReasonInvalidMapping, "spec.routes[0].response.rules[0].jq: "},
		{"an example that does not come out", guest("omdb", func(a *v1alpha1.Ambassador) {
			mapped(".a")(a)
			a.Spec.Routes[0].Response.Examples = []v1alpha1.ResponseExample{{Input: `{"a":1}`, Output: "2"}}
		}), nil, v1alpha1.ReasonInvalidMapping, "spec.routes[0].response.examples[0].output: want 2"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			objects, refused := decide(test.a, test.guests, build.Options{SidecarImage: "x"}, isSound)
			switch {
			case test.reason == "" && refused != nil:
				t.Errorf("refused: %v", refused)
			case test.reason == "" && (len(objects.List()) == 0) != (test.a.Spec.Workload == nil):
				t.Errorf("built %+v", objects)
			case test.reason != "" && (refused == nil || refused.reason != test.reason || !strings.HasPrefix(refused.message, test.message)):
				t.Errorf("refusal is %+v, want %s: %s", refused, test.reason, test.message)
			}
		})
	}
}

func TestAGenerationIsJudgedOnce(t *testing.T) {
	var m memory
	judged := 0
	sound := m.judged(func(*v1alpha1.Ambassador) *refusal { judged++; return nil })
	a := guest("omdb", nil)
	for range 3 {
		_ = sound(a)
	}
	a.Generation++
	_ = sound(a)
	a.UID = "another"
	_ = sound(a)
	if judged != 3 {
		t.Errorf("judged %d times, want once for each of 3 generations", judged)
	}
}

func TestARefusalThatMayPassIsJudgedAgainAfterAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m memory
		busy := true
		sound := m.judged(func(*v1alpha1.Ambassador) *refusal {
			if busy {
				return &refusal{reason: v1alpha1.ReasonInvalidMapping, mayPass: true}
			}
			return nil
		})
		a := guest("omdb", nil)
		_ = sound(a)
		busy = false
		if sound(a) == nil {
			t.Error("judged again at once")
		}
		<-time.After(refusedFor)
		if sound(a) != nil {
			t.Error("not judged again")
		}
	})
}

// evidenceOf returns the sidecars of themoviedb's Pods, one for each word on the Pod as a whole.
func evidenceOf(podReady ...bool) []sidecar {
	var out []sidecar
	for _, ready := range podReady {
		out = append(out, sidecar{pod: "p", host: "themoviedb", started: true, ready: true, podReady: ready})
	}
	return out
}

func TestTheStatusOfOneWithoutAWorkload(t *testing.T) {
	accepted, refused := hostOf("omdb"), hostOf("omdb")
	refused.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionAccepted, Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonRouteConflict}}
	lacking := []sidecar{{pod: "p", host: "themoviedb", started: true, lacks: []Lack{{Ambassador: "omdb", Secret: "omdb", Key: "apikey", Problem: LackMissing}}}}
	tests := []struct {
		name     string
		hosts    []host
		sidecars []sidecar
		status   metav1.ConditionStatus
		reason   string
		words    string
		busy     bool
	}{
		{"that nobody takes in", nil, nil, metav1.ConditionFalse, v1alpha1.ReasonNotServed, "name it in " + build.AmbassadorsAt, false},
		{"whose host has no Pod", []host{{ambassador: accepted}}, nil, metav1.ConditionUnknown, v1alpha1.ReasonNotServed, "themoviedb takes it in, and has no Pod", false},
		{"whose host has yet to hand it on", []host{{ambassador: accepted, pods: 2}}, nil, metav1.ConditionFalse, v1alpha1.ReasonNotServed, "has yet to hand this spec to its Pods", true},
		{"whose host is refused", []host{{ambassador: refused, pods: 2}}, nil, metav1.ConditionFalse, v1alpha1.ReasonNotServed, "is not accepted itself (RouteConflict)", false},
		{"whose host's Pod is not ready", []host{{ambassador: accepted, pods: 1, current: 1}}, evidenceOf(false), metav1.ConditionFalse, v1alpha1.ReasonNotServed, "none of its Pods is ready", true},
		{"whose credential is missing", []host{{ambassador: accepted, pods: 1, current: 1}}, lacking, metav1.ConditionFalse, v1alpha1.ReasonCredentialMissing, "Secret omdb, key apikey", true},
		{"that one of two ready Pods serves", []host{{ambassador: accepted, pods: 2, current: 2}}, evidenceOf(false, true), metav1.ConditionTrue, v1alpha1.ReasonServed, "1 of 2 Pods", false},
		{"that is served, though its host is refused since", []host{{ambassador: refused, pods: 1, current: 1}}, evidenceOf(true), metav1.ConditionTrue, v1alpha1.ReasonServed, "themoviedb", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			omdb := guest("omdb", func(a *v1alpha1.Ambassador) {
				a.Spec.Secret = &v1alpha1.SecretReference{Name: "omdb"}
				a.Spec.Credentials = []v1alpha1.Credential{{Query: &v1alpha1.QueryCredential{Name: "apikey", Key: "apikey"}}}
			})
			status := judge(&observation{ambassador: omdb, hosts: test.hosts, sidecars: test.sidecars}, &build.Objects{}, &outcome{})
			find := func(kind string) metav1.Condition {
				for _, condition := range status.Conditions {
					if condition.Type == kind {
						return condition
					}
				}
				return metav1.Condition{}
			}
			ready := find(v1alpha1.ConditionReady)
			if ready.Status != test.status || ready.Reason != test.reason || !strings.Contains(ready.Message, test.words) {
				t.Errorf("Ready is %s, %s: %s", ready.Status, ready.Reason, ready.Message)
			}
			if busy := find(v1alpha1.ConditionReconciling).Status == metav1.ConditionTrue; busy != test.busy {
				t.Errorf("Reconciling = %v, want %v", busy, test.busy)
			}
			if find(v1alpha1.ConditionStalled).Status == metav1.ConditionTrue {
				t.Error("it is stalled, although it is for others to act")
			}
			if accepted := find(v1alpha1.ConditionAccepted); accepted.Status != metav1.ConditionTrue {
				t.Errorf("Accepted is %s: %s", accepted.Status, accepted.Message)
			}
			if int(status.Replicas) != len(test.sidecars) || status.URL != "http://localhost:8080" || (status.Selector == "") != (len(test.hosts) == 0) {
				t.Errorf("%d replicas, url %q, selector %q", status.Replicas, status.URL, status.Selector)
			}
		})
	}
}

func TestWhatASidecarLacksIsSaidOfTheOneThatNeedsIt(t *testing.T) {
	lacks := []Lack{{Ambassador: "omdb", Secret: "omdb", Key: "apikey", Problem: LackMissing}}
	secrets := []build.Secret{{Name: "themoviedb"}}
	s := sidecar{pod: "p", host: "themoviedb", started: true, lacks: lacks}

	own := credentialsReady("themoviedb", secrets, []sidecar{s}, nil)
	if own.Status != metav1.ConditionFalse || !strings.Contains(own.Message, "Ambassador omdb, Secret omdb, key apikey") {
		t.Errorf("of the Pod's own Ambassador: %s, %q", own.Status, own.Message)
	}
	other := s
	other.keep("weather")
	if got := credentialsReady("weather", secrets, []sidecar{other}, nil); got.Status != metav1.ConditionTrue {
		t.Errorf("of one that lacks nothing: %s, %q", got.Status, got.Message)
	}
	mine := s
	mine.keep("omdb")
	if got := credentialsReady("omdb", secrets, []sidecar{mine}, nil); got.Status != metav1.ConditionFalse {
		t.Errorf("of the one that lacks it: %s, %q", got.Status, got.Message)
	}
}

func TestIsolatedCountsTheSecretsOfAllThatAPodServes(t *testing.T) {
	omdb := guest("omdb", func(a *v1alpha1.Ambassador) {
		a.Spec.Secret = &v1alpha1.SecretReference{Name: "omdb"}
		a.Spec.Credentials = []v1alpha1.Credential{{Query: &v1alpha1.QueryCredential{Name: "apikey", Key: "apikey"}}}
	})
	a := hostOf("omdb")
	a.Spec.Workload.Template.Spec.Containers[0].EnvFrom = []corev1.EnvFromSource{
		{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "omdb"}}},
	}
	all := build.Secrets(build.Document(a, omdb))
	if got := isolated(&observation{ambassador: a, guests: []*v1alpha1.Ambassador{omdb}}, all); got.Reason != v1alpha1.ReasonSecretInEnvironment {
		t.Errorf("of the host: %s", got.Reason)
	}
	seen := &observation{ambassador: omdb, hosts: []host{{ambassador: a}}}
	if got := isolated(seen, build.Secrets(build.Document(omdb))); got.Reason != v1alpha1.ReasonSecretInEnvironment || !strings.HasPrefix(got.Message, "Ambassador themoviedb: container main") {
		t.Errorf("of the guest: %s, %q", got.Reason, got.Message)
	}
	if got := isolated(&observation{ambassador: omdb}, nil); got.Status != metav1.ConditionUnknown {
		t.Errorf("of one that nothing serves: %s", got.Status)
	}
}
