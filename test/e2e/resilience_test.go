package e2e

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
)

var _ = Describe("A service on a bad day", func() {
	It("is turned away from while it is gone, and returned to", func(ctx SpecContext) {
		movies := beside(ctx, []string{"first", "second"}, `
upstream:
  failover: [%[2]s/3]
  health: {failures: 1, retryAfter: 1s}
`)
		Expect(statusOf(ctx, movies.Namespace, movies.Name, "/movies")()).To(Equal(http.StatusOK))
		Expect(calls(ctx, movies, "second")()).To(BeZero())

		scale(ctx, movies.Namespace, "first", 0)
		Eventually(func(g Gomega) {
			g.Expect(statusOf(ctx, movies.Namespace, movies.Name, "/movies")()).To(Equal(http.StatusOK))
			g.Expect(calls(ctx, movies, "second")()).To(BeNumerically(">", 0))
		}).Should(Succeed())

		scale(ctx, movies.Namespace, "first", 1)
		Eventually(func(g Gomega) {
			g.Expect(statusOf(ctx, movies.Namespace, movies.Name, "/movies")()).To(Equal(http.StatusOK))
			g.Expect(calls(ctx, movies, "first")()).To(BeNumerically(">", 0)) // it counts anew
		}).Should(Succeed())
	})

	It("is asked again where that may help", func(ctx SpecContext) {
		movies := beside(ctx, []string{"service"}, `
policy:
  retry: {attempts: 3, when: [ConnectFailure, GatewayError]}
`)
		order(ctx, movies, "service", "calls=2&status=503")
		Expect(statusOf(ctx, movies.Namespace, movies.Name, "/movies")()).To(Equal(http.StatusOK))
		Expect(calls(ctx, movies, "service")()).To(Equal(3))
	})

	It("is spared by the circuit breaker, and asked again when it is well", func(ctx SpecContext) {
		movies := beside(ctx, []string{"service"}, `
policy:
  circuitBreaker: {consecutiveFailures: 2, openFor: 15s}
`)
		order(ctx, movies, "service", "calls=2&status=500")
		for range 2 {
			Expect(statusOf(ctx, movies.Namespace, movies.Name, "/movies")()).To(Equal(http.StatusInternalServerError))
		}
		refused(ctx, movies, http.StatusServiceUnavailable, "circuit-open")
		Expect(calls(ctx, movies, "service")()).To(Equal(2))
		Eventually(statusOf(ctx, movies.Namespace, movies.Name, "/movies")).Should(Equal(http.StatusOK))
	})

	It("is not called more often than it may be", func(ctx SpecContext) {
		movies := beside(ctx, []string{"service"}, `
policy:
  rateLimit: {requests: 2, per: 1h}
`)
		for range 2 {
			Expect(statusOf(ctx, movies.Namespace, movies.Name, "/movies")()).To(Equal(http.StatusOK))
		}
		refused(ctx, movies, http.StatusTooManyRequests, "rate-limited")
		Expect(calls(ctx, movies, "service")()).To(Equal(2))
	})
})

// beside is an Ambassador in a namespace of its own beside stand-ins of these names, the first of which is its upstream.
// The text specifies the rest; %[1]s and so on are the stand-ins' URLs.
func beside(ctx SpecContext, names []string, text string) *v1alpha1.Ambassador {
	GinkgoHelper()
	namespace := newNamespace(ctx)
	var urls []any
	for _, name := range names {
		ownStandIn(ctx, namespace, name)
		urls = append(urls, serviceURL(namespace, name))
	}
	movies := movieAmbassador(namespace, "themoviedb")
	movies.Spec.Upstream.URL = v1alpha1.UpstreamURL(urls[0].(string) + "/3")
	if strings.Contains(text, "%") {
		text = fmt.Sprintf(text, urls...)
	}
	specify(movies, text)
	create(ctx, movieSecret(namespace, firstKey), movies)
	for _, name := range names {
		kubectl(ctx, "rollout", "status", "--namespace="+namespace, "deployment/"+name, "--timeout=2m")
	}
	beReady(ctx, movies)
	return movies
}

func serviceURL(namespace, name string) string {
	return "http://" + name + "." + namespace + ".svc.cluster.local"
}

// refused calls once, and expects an answer of the sidecar's own that says when to come again.
func refused(ctx SpecContext, a *v1alpha1.Ambassador, status int, code string) {
	GinkgoHelper()
	got, err := call(ctx, a.Namespace, a.Name, local+"/movies")
	Expect(err).NotTo(HaveOccurred())
	Expect(got.Status).To(Equal(status))
	Expect(got.Header.Get("Ambassador-Error")).To(Equal(code))
	Expect(strconv.Atoi(got.Header.Get("Retry-After"))).To(BeNumerically(">", 0))
}

// order gives a stand-in a bad day.
func order(ctx SpecContext, a *v1alpha1.Ambassador, name, day string) {
	GinkgoHelper()
	got, err := call(ctx, a.Namespace, a.Name, serviceURL(a.Namespace, name)+"/stand-in/bad-day?"+day)
	Expect(err).NotTo(HaveOccurred())
	Expect(got.Status).To(Equal(http.StatusNoContent), got.Body)
}

// calls is how often a stand-in was called since it started, for Eventually.
func calls(ctx SpecContext, a *v1alpha1.Ambassador, name string) func() (int, error) {
	return func() (int, error) {
		got, err := call(ctx, a.Namespace, a.Name, serviceURL(a.Namespace, name)+"/stand-in/calls")
		if err != nil {
			return 0, err
		}
		return strconv.Atoi(strings.TrimSpace(got.Body))
	}
}

// scale has so many Pods of a Deployment, and waits until it has.
func scale(ctx SpecContext, namespace, name string, replicas int) {
	GinkgoHelper()
	kubectl(ctx, "scale", "--namespace="+namespace, "deployment/"+name, fmt.Sprintf("--replicas=%d", replicas))
	Eventually(func() (string, error) {
		return tryKubectl(ctx, "get", "--namespace="+namespace, "endpointslices", "--selector=kubernetes.io/service-name="+name,
			"--output=jsonpath={range .items[*].endpoints[*]}{.conditions.ready}{end}")
	}).Should(Equal(strings.Repeat("true", replicas)))
}

// ownStandIn runs a stand-in for The Movie DB of a namespace's own, as a Service of that name.
func ownStandIn(ctx SpecContext, namespace, name string) {
	GinkgoHelper()
	meta := metav1.ObjectMeta{Namespace: namespace, Name: name}
	labels := map[string]string{"app": name}
	template := restrictedTemplate("--keys=/etc/tmdb/keys")
	template.Labels = labels
	main := &template.Spec.Containers[0]
	main.Image = "ambassador.local/tmdb:dev"
	main.VolumeMounts = []corev1.VolumeMount{{Name: "keys", MountPath: "/etc/tmdb"}}
	main.ReadinessProbe = &corev1.Probe{PeriodSeconds: 1, ProbeHandler: corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{Port: intstr.FromInt32(8080)}}}
	template.Spec.Volumes = []corev1.Volume{{
		Name:         "keys",
		VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: name}},
	}}
	create(ctx,
		&corev1.Secret{ObjectMeta: meta, StringData: map[string]string{"keys": firstKey}},
		&corev1.Service{ObjectMeta: meta, Spec: corev1.ServiceSpec{Selector: labels, Ports: []corev1.ServicePort{{Port: 80, TargetPort: intstr.FromInt32(8080)}}}},
		&appsv1.Deployment{ObjectMeta: meta, Spec: appsv1.DeploymentSpec{Selector: &metav1.LabelSelector{MatchLabels: labels}, Template: template}},
	)
}
