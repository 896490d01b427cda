package controllers

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
)

// sidecarAnswering serves /readyz on loopback, and returns a prober that asks there.
func sidecarAnswering(t *testing.T, handler http.HandlerFunc) *HTTPSidecars {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	out := NewHTTPSidecars()
	out.port = server.Listener.Addr().(*net.TCPAddr).Port
	return out
}

func TestHTTPSidecars(t *testing.T) {
	missing := `{"missing":[{"ambassador":"a","secret":"s","key":"k","problem":"missing","detail":"d"}]}`
	tests := []struct {
		name    string
		handler http.HandlerFunc
		lacks   int
		fails   bool
	}{
		{"ready by now", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }, 0, false},
		{"ready with a value that is not the newest", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"stale":[{"ambassador":"a","secret":"s","key":"k","problem":"empty","kept":true}]}`)
		}, 1, false},
		{"a key is missing", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503); fmt.Fprint(w, missing) }, 1, false},
		{"unready for another reason", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503); fmt.Fprint(w, "{}") }, 0, true},
		{"not JSON", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503); fmt.Fprint(w, "busy") }, 0, true},
		{"an endless answer", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(503)
			fmt.Fprint(w, `{"missing":[{"secret":"`+strings.Repeat("x", 1<<20))
		}, 0, true},
		{"a redirect is not followed", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		}, 0, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			lacks, err := sidecarAnswering(t, test.handler).Lacks(t.Context(), "127.0.0.1")
			if len(lacks) != test.lacks || (err != nil) != test.fails {
				t.Errorf("Lacks = %v, %v", lacks, err)
			}
		})
	}
	if _, err := NewHTTPSidecars().Lacks(t.Context(), "example.com"); err == nil {
		t.Error("a name was looked up in place of an address")
	}
}

func TestASidecarThatHangsHoldsAPassUpOnlyShortly(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	hanging := sidecarAnswering(t, func(http.ResponseWriter, *http.Request) { <-release })
	var pods []corev1.Pod
	for i := range 20 {
		pods = append(pods, corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint("p", i)},
			Status: corev1.PodStatus{Phase: corev1.PodRunning, PodIP: "127.0.0.1", InitContainerStatuses: []corev1.ContainerStatus{
				{Name: v1alpha1.SidecarName, Started: new(true)},
			}},
		})
	}
	start := time.Now()
	sidecars := askSidecars(t.Context(), hanging, "a", pods)
	if took := time.Since(start); took > 2*askTimeout {
		t.Errorf("took %s", took)
	}
	asked := 0
	for _, s := range sidecars {
		if s.unreachable {
			asked++
		}
	}
	if asked != maxAsked || len(sidecars) != len(pods) {
		t.Errorf("%d of %d sidecars were asked, want %d of %d", asked, len(sidecars), maxAsked, len(pods))
	}
}

func TestWhatASidecarSaysIsMadePlain(t *testing.T) {
	sidecars := []sidecar{{pod: "p", started: true, lacks: []Lack{
		{Secret: "s\n\x1b[31m", Key: strings.Repeat("k", 9999), Problem: LackInvalid, Detail: "holds a\r\nline break"},
	}}}
	got := credentialsReady("a", []build.Secret{{Name: "s"}}, sidecars, nil)
	if strings.ContainsAny(got.Message, "\n\r\x1b") || len(got.Message) > 1000 || got.Reason != v1alpha1.ReasonCredentialInvalid {
		t.Errorf("%s: %q", got.Reason, got.Message)
	}
	for _, pod := range evidence(sidecars) {
		if len(pod.Missing[0]) > 600 {
			t.Errorf("%d characters of evidence; the API takes 600", len(pod.Missing[0]))
		}
	}
}
