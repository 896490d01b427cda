package e2e

import (
	"net/http"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
)

var _ = Describe("A workload", func() {
	It("as a Pod answers its main container, and is replaced when its template changes", func(ctx SpecContext) {
		namespace := newNamespace(ctx)
		movies := movieAmbassador(namespace, "themoviedb")
		movies.Spec.Workload = &v1alpha1.Workload{Kind: v1alpha1.PodWorkload, Template: restrictedTemplate("sleep infinity")}
		create(ctx, movieSecret(namespace, firstKey), movies)
		beReady(ctx, movies)
		Expect(statusOf(ctx, namespace, movies.Name, "/movies")()).To(Equal(http.StatusOK))

		before, err := pods(ctx, namespace, movies.Name)
		Expect(err).NotTo(HaveOccurred())
		Expect(before).To(HaveLen(1))
		kubectl(ctx, "patch", "amb", movies.Name, "--namespace="+namespace, "--type=json",
			`--patch=[{"op":"replace","path":"/spec/workload/template/spec/containers/0/args","value":["sleep 100000"]}]`)
		Eventually(func() ([]corev1.Pod, error) { return pods(ctx, namespace, movies.Name) }).
			Should(ConsistOf(HaveField("UID", Not(Equal(before[0].UID)))))
		beReady(ctx, movies)
		Expect(statusOf(ctx, namespace, movies.Name, "/movies")()).To(Equal(http.StatusOK))
	})

	It("that calls once and ends, ends its Pod", func(ctx SpecContext) {
		namespace := newNamespace(ctx)
		job := jobLike(movieAmbassador(namespace, "job"), "curl --silent --fail --output /dev/null localhost:8080/movies")
		create(ctx, movieSecret(namespace, firstKey), job)
		Eventually(podPhase(ctx, namespace, job.Name)).Should(Equal(corev1.PodSucceeded))
		Eventually(condition(ctx, job, v1alpha1.ConditionReady)).Should(say(metav1.ConditionTrue, v1alpha1.ReasonCompleted))
	})

	It("that is tried again on failure ends its Pod once it succeeds", func(ctx SpecContext) {
		namespace := newNamespace(ctx)
		job := jobLike(movieAmbassador(namespace, "job"), "curl --silent --fail --output /dev/null localhost:8080/movies")
		job.Spec.Workload.Template.Spec.RestartPolicy = corev1.RestartPolicyOnFailure
		create(ctx, job) // without the Secret its calls fail
		Eventually(restarts(ctx, namespace, job.Name)).Should(BeNumerically(">=", 1))
		create(ctx, movieSecret(namespace, firstKey))
		Eventually(podPhase(ctx, namespace, job.Name)).Should(Equal(corev1.PodSucceeded))
	})

	It("that fails says so", func(ctx SpecContext) {
		namespace := newNamespace(ctx)
		job := jobLike(movieAmbassador(namespace, "job"), "exit 3")
		create(ctx, movieSecret(namespace, firstKey), job)
		Eventually(condition(ctx, job, v1alpha1.ConditionReady)).Should(say(metav1.ConditionFalse, v1alpha1.ReasonPodFailed))
	})

	It("is scaled like any other, and keeps what kubectl scale asked for", func(ctx SpecContext) {
		namespace := newNamespace(ctx)
		movies := movieAmbassador(namespace, "themoviedb")
		create(ctx, movieSecret(namespace, firstKey), movies)
		beReady(ctx, movies)
		kubectl(ctx, "scale", "amb", movies.Name, "--namespace="+namespace, "--replicas=2")
		Eventually(func() (int32, error) {
			err := k8s.Get(ctx, client.ObjectKeyFromObject(movies), movies)
			return movies.Status.ReadyReplicas, err
		}).Should(Equal(int32(2)))
	})
})

// podPhase is the phase of an Ambassador's one Pod, for Eventually.
func podPhase(ctx SpecContext, namespace, ambassador string) func() (corev1.PodPhase, error) {
	return func() (corev1.PodPhase, error) {
		found, err := pods(ctx, namespace, ambassador)
		if err != nil || len(found) == 0 {
			return "", err
		}
		return found[0].Status.Phase, nil
	}
}

// restarts is how often the main container of the one Pod was started again.
func restarts(ctx SpecContext, namespace, ambassador string) func() (int32, error) {
	return func() (int32, error) {
		found, err := pods(ctx, namespace, ambassador)
		if err != nil || len(found) == 0 || len(found[0].Status.ContainerStatuses) == 0 {
			return 0, err
		}
		return found[0].Status.ContainerStatuses[0].RestartCount, nil
	}
}
