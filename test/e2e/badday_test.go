package e2e

import (
	"net/http"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
)

var _ = Describe("An Ambassador on a bad day", func() {
	It("answers 503 without its Secret, says what is missing, and heals in place", func(ctx SpecContext) {
		namespace := newNamespace(ctx)
		movies := movieAmbassador(namespace, "themoviedb")
		create(ctx, movies)
		Eventually(statusOf(ctx, namespace, movies.Name, "/movies")).Should(Equal(http.StatusServiceUnavailable))
		got, err := call(ctx, namespace, movies.Name, "http://localhost:8080/movies")
		Expect(err).NotTo(HaveOccurred())
		Expect(got.Body).To(ContainSubstring("/problems/credential-missing"))
		Expect(got.Header.Get("Ambassador-Error")).To(Equal("credential-missing"))
		Eventually(condition(ctx, movies, v1alpha1.ConditionCredentialsReady)).
			Should(say(metav1.ConditionFalse, v1alpha1.ReasonCredentialMissing, "themoviedb", "apikey"))
		before, err := incarnations(ctx, namespace, movies.Name)
		Expect(err).NotTo(HaveOccurred())

		create(ctx, movieSecret(namespace, firstKey))
		Eventually(statusOf(ctx, namespace, movies.Name, "/movies")).Should(Equal(http.StatusOK))
		beReady(ctx, movies)
		Expect(incarnations(ctx, namespace, movies.Name)).To(Equal(before))
	})

	It("answers 502 where the service's name does not resolve", func(ctx SpecContext) {
		namespace := newNamespace(ctx)
		lost := movieAmbassador(namespace, "lost")
		lost.Spec.Upstream.URL = "http://no-such-service.invalid/3"
		create(ctx, movieSecret(namespace, firstKey), lost)
		Eventually(statusOf(ctx, namespace, lost.Name, "/movies")).Should(Equal(http.StatusBadGateway))
		got, err := call(ctx, namespace, lost.Name, "http://localhost:8080/movies")
		Expect(err).NotTo(HaveOccurred())
		Expect(got.Header.Get("Ambassador-Error")).To(Equal("upstream-unresolved"))
	})

	It("leaves an object alone that has its name, names it, and goes on when it is gone", func(ctx SpecContext) {
		namespace := newNamespace(ctx)
		theirs := foreignDeployment(namespace, "themoviedb")
		create(ctx, theirs)
		movies := movieAmbassador(namespace, "themoviedb")
		create(ctx, movieSecret(namespace, firstKey), movies)
		Eventually(condition(ctx, movies, v1alpha1.ConditionAccepted)).
			Should(say(metav1.ConditionFalse, v1alpha1.ReasonOwnershipConflict, "Deployment", "themoviedb"))
		var now appsv1.Deployment
		Expect(k8s.Get(ctx, client.ObjectKeyFromObject(theirs), &now)).To(Succeed())
		Expect(now.Generation).To(Equal(theirs.Generation))
		Expect(now.OwnerReferences).To(BeEmpty())

		Expect(k8s.Delete(ctx, theirs)).To(Succeed())
		beReady(ctx, movies)
	})

	It("says in the API server's words why Pod Security refuses its Pods", func(ctx SpecContext) {
		namespace := newNamespace(ctx)
		loose := movieAmbassador(namespace, "loose")
		loose.Spec.Workload.Template.Spec.Containers[0].SecurityContext = nil
		create(ctx, movieSecret(namespace, firstKey), loose)
		Eventually(condition(ctx, loose, v1alpha1.ConditionReady)).
			Should(And(HaveField("Status", metav1.ConditionFalse), HaveField("Message", ContainSubstring("violates PodSecurity"))))
	})

	It("does not hold up its namespace, deleted while its Pods start", func(ctx SpecContext) {
		namespace := newNamespace(ctx)
		create(ctx, movieAmbassador(namespace, "one"), jobLike(movieAmbassador(namespace, "two"), "sleep infinity"))
		Eventually(func() ([]corev1.Pod, error) { return pods(ctx, namespace, "one") }).ShouldNot(BeEmpty())
		Expect(k8s.Delete(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}})).To(Succeed())
		Eventually(func() bool {
			return apierrors.IsNotFound(k8s.Get(ctx, client.ObjectKey{Name: namespace}, &corev1.Namespace{}))
		}).Should(BeTrue())
	})

	It("takes everything with it when it is deleted", func(ctx SpecContext) {
		namespace := newNamespace(ctx)
		movies := movieAmbassador(namespace, "themoviedb")
		create(ctx, movieSecret(namespace, firstKey), movies)
		beReady(ctx, movies)
		Expect(k8s.Delete(ctx, movies)).To(Succeed())
		for _, list := range []client.ObjectList{&appsv1.DeploymentList{}, &corev1.ConfigMapList{}, &corev1.PodList{}} {
			Eventually(func() (int, error) {
				err := k8s.List(ctx, list, client.InNamespace(namespace), client.MatchingLabels{ambassadorLabel: movies.Name})
				return meta.LenList(list), err
			}).Should(BeZero())
		}
	})
})

// foreignDeployment is somebody else's, of a name that an Ambassador wants.
func foreignDeployment(namespace, name string) *appsv1.Deployment {
	labels := map[string]string{"app": "theirs"}
	template := restrictedTemplate("sleep infinity")
	template.Labels = labels
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec:       appsv1.DeploymentSpec{Selector: &metav1.LabelSelector{MatchLabels: labels}, Template: template, Replicas: new(int32(0))},
	}
}
