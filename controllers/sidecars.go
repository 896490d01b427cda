package controllers

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
)

// Lack is one thing that keeps a sidecar from being ready, in the words of its /readyz. It never holds a value.
type Lack struct {
	// Ambassador is the one of the Pod that needs it.
	Ambassador string `json:"ambassador"`
	// Secret and Key name it. Both may be empty where the sidecar's reason is another.
	Secret string `json:"secret"`
	Key    string `json:"key"`
	// Problem is the sidecar's word for what is wrong, one of the constants below.
	Problem string `json:"problem"`
	// Detail says it in a sentence; empty where there is none.
	Detail string `json:"detail"`
	// Kept says that the last good value stays in use, so that nothing is lacking yet.
	Kept bool `json:"kept"`
}

// The words of [Lack.Problem].
const (
	LackMissing    = "missing"
	LackEmpty      = "empty"
	LackInvalid    = "invalid"
	LackNotAllowed = "upstream-not-allowed"
)

// Sidecars asks sidecars why they are not ready.
type Sidecars interface {
	// Lacks returns what the sidecar of the Pod at this address lacks. One that is ready lacks nothing, but may go on with
	// values that are not the newest, which are kept. An error means that it could not be asked.
	Lacks(ctx context.Context, podIP string) ([]Lack, error)
}

// sidecar is what is known of one Pod's sidecar.
type sidecar struct {
	pod, address string
	// host is the Ambassador whose Pod it is.
	host string
	// started and ready are kubelet's word; ready also where only other Ambassadors of the Pod lack something.
	started, ready bool
	// podReady is kubelet's word on the Pod as a whole.
	podReady bool
	lacks    []Lack
	// unreachable says that it started, is not ready and could not be asked.
	unreachable bool
	// trouble is what Kubernetes says of the Pod where it does not come up; empty where it says nothing.
	trouble string
}

// trouble returns what Kubernetes says of the first of the Ambassador's own Pods that does not come up, or "".
func (o *observation) trouble() string {
	for i := range o.sidecars {
		if s := &o.sidecars[i]; s.trouble != "" && s.host == o.ambassador.Name {
			return fmt.Sprintf("; Pod %s%s", s.pod, s.trouble)
		}
	}
	return ""
}

// sidecarsLack reports whether a sidecar is known or suspected to lack something.
func (o *observation) sidecarsLack() bool {
	return slices.ContainsFunc(o.sidecars, func(s sidecar) bool { return s.unreachable || len(s.lacks) > 0 })
}

// Bounds of asking: a pass asks few sidecars and does not wait long, because the Pods of one Ambassador mount the same Secrets.
const (
	maxAsked   = 4
	askTimeout = 2 * time.Second
	maxAnswer  = 64 << 10
)

// askSidecars reads the sidecars' state from their Pods, and asks the first few of those that started and are not ready. Of
// other Ambassadors' Pods it keeps what concerns the one of that name.
func askSidecars(ctx context.Context, sidecars Sidecars, ambassador string, pods []corev1.Pod) []sidecar {
	var out []sidecar
	var asking sync.WaitGroup
	for i := range pods {
		pod := &pods[i]
		ended := pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
		if ended || pod.DeletionTimestamp != nil {
			continue
		}
		out = append(out, sidecarOf(pod))
	}
	slices.SortFunc(out, func(a, b sidecar) int { return cmp.Compare(a.pod, b.pod) })
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	asked := 0
	for i := range out {
		s := &out[i]
		if !s.started || s.ready || asked == maxAsked {
			continue
		}
		asked++
		asking.Go(func() {
			var err error
			s.lacks, err = sidecars.Lacks(ctx, s.address)
			s.lacks = slices.DeleteFunc(slices.Clone(s.lacks), func(l Lack) bool { return l.Kept })
			s.unreachable = err != nil
		})
	}
	asking.Wait()
	for i := range out {
		if out[i].host != ambassador {
			out[i].keep(ambassador)
		}
	}
	return out
}

// keep forgets what the sidecar lacks for other Ambassadors than the one of that name. Where that was all, this one is ready.
func (s *sidecar) keep(ambassador string) {
	kept := slices.DeleteFunc(slices.Clone(s.lacks), func(l Lack) bool { return l.Ambassador != ambassador })
	s.ready = s.ready || len(s.lacks) > 0 && len(kept) == 0
	s.lacks = kept
}

func sidecarOf(pod *corev1.Pod) sidecar {
	out := sidecar{
		pod: pod.Name, address: pod.Status.PodIP, host: pod.Labels[build.AmbassadorLabel], podReady: podIsReady(pod), trouble: because(unreadyReason(pod)),
	}
	for i := range pod.Status.InitContainerStatuses {
		status := &pod.Status.InitContainerStatuses[i]
		if status.Name == v1alpha1.SidecarName {
			out.ready = status.Ready
			out.started = status.Started != nil && *status.Started
		}
	}
	return out
}

// HTTPSidecars asks over HTTP on [v1alpha1.AdminPort]. The zero value is not ready; use [NewHTTPSidecars].
type HTTPSidecars struct {
	client *http.Client
	port   int
}

// NewHTTPSidecars returns a prober that uses no proxy, follows no redirect and keeps no connection open.
func NewHTTPSidecars() *HTTPSidecars {
	return &HTTPSidecars{
		port: v1alpha1.AdminPort,
		client: &http.Client{
			Timeout:       askTimeout,
			Transport:     &http.Transport{DisableKeepAlives: true, MaxResponseHeaderBytes: 8 << 10},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// Lacks implements [Sidecars].
func (h *HTTPSidecars) Lacks(ctx context.Context, podIP string) ([]Lack, error) {
	if net.ParseIP(podIP) == nil {
		return nil, errors.New("the Pod has no address")
	}
	url := "http://" + net.JoinHostPort(podIP, strconv.Itoa(h.port)) + "/readyz"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, fmt.Errorf("asking the sidecar: %w", err)
	}
	response, err := h.client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("asking the sidecar: %w", err)
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
		return readStale(response)
	case http.StatusServiceUnavailable:
		return readLacks(response.Body)
	default:
		return nil, fmt.Errorf("the sidecar answered %d", response.StatusCode)
	}
}

// readStale reads what a sidecar that is ready says: a word, or JSON where it goes on with values that are not the newest.
func readStale(response *http.Response) ([]Lack, error) {
	if response.Header.Get("Content-Type") != "application/json" {
		return nil, nil
	}
	var answer struct {
		Stale []Lack `json:"stale"`
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maxAnswer)).Decode(&answer); err != nil {
		return nil, fmt.Errorf("reading the sidecar's answer: %w", err)
	}
	return slices.DeleteFunc(answer.Stale, func(l Lack) bool { return !l.Kept }), nil
}

func readLacks(body io.Reader) ([]Lack, error) {
	var answer struct {
		Missing []Lack `json:"missing"`
	}
	if err := json.NewDecoder(io.LimitReader(body, maxAnswer)).Decode(&answer); err != nil {
		return nil, fmt.Errorf("reading the sidecar's answer: %w", err)
	}
	if len(answer.Missing) == 0 {
		return nil, errors.New("the sidecar does not say what it lacks")
	}
	return answer.Missing, nil
}
