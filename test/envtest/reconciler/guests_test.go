package reconciler_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/controllers"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
)

// ratings has no workload, and one path of the port of movies.
func ratings(namespace string) *v1alpha1.Ambassador {
	return &v1alpha1.Ambassador{
		ObjectMeta: metav1.ObjectMeta{Name: "omdb", Namespace: namespace},
		Spec: v1alpha1.AmbassadorSpec{
			Port:        8080,
			Upstream:    v1alpha1.Upstream{URL: "https://www.omdbapi.com"},
			Secret:      &v1alpha1.SecretReference{Name: "omdb"},
			Credentials: []v1alpha1.Credential{{Query: &v1alpha1.QueryCredential{Name: "apikey", Key: "apikey"}}},
			Routes:      []v1alpha1.Route{{Path: "/ratings/{id}", UpstreamPath: "/"}},
		},
	}
}

// takingIn is movies with a template that names others.
func takingIn(namespace, names string) *v1alpha1.Ambassador {
	a := movies(namespace)
	a.Spec.Workload.Template.Annotations = map[string]string{build.AmbassadorsAnnotation: names}
	return a
}

// runServing creates a Pod of the Ambassador that mounts the ConfigMap, and plays its kubelet.
func runServing(ctx SpecContext, a *v1alpha1.Ambassador, name string, document *corev1.ConfigMap, ready bool) *corev1.Pod {
	GinkgoHelper()
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: a.Namespace, Labels: build.PodLabels(a.Name)},
		Spec: corev1.PodSpec{
			Containers: []corev1.Container{{Name: "main", Image: "app:1"}},
			Volumes: []corev1.Volume{{Name: "ambassador-config", VolumeSource: corev1.VolumeSource{
				ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: document.Name}},
			}}},
		},
	}
	create(ctx, pod)
	setSidecar(ctx, pod, ready)
	return pod
}

// holdDocument matches a ConfigMap by words of its document.
func holdDocument(words string) OmegaMatcher {
	return HaveField("Data", HaveKeyWithValue(build.ConfigKey, ContainSubstring(words)))
}

var _ = Describe("An Ambassador that takes in another", func() {
	It("waits for one that does not exist, and is applied when it appears", func(ctx SpecContext) {
		namespace := newNamespace(ctx)
		a, b := takingIn(namespace, "omdb"), ratings(namespace)
		startOperator(namespace, operatorOptions{})
		create(ctx, a)
		Eventually(condition(ctx, a, v1alpha1.ConditionAccepted)).Should(be("False", v1alpha1.ReasonAmbassadorNotFound, "omdb", build.AmbassadorsAnnotation))
		Expect(kstatusOf(ctx, a)(Default)).To(Equal(status.InProgressStatus))
		Expect(live(ctx, deploymentOf(a))(Default)).To(BeNil())

		create(ctx, b)
		Eventually(condition(ctx, a, v1alpha1.ConditionAccepted)).Should(be("True", v1alpha1.ReasonAccepted))
		exist(ctx, deploymentOf(a))
		Eventually(live(ctx, configMapOf(a, b))).Should(holdDocument("https://www.omdbapi.com"))
	})

	It("keeps what runs while the two are in each other's way", func(ctx SpecContext) {
		namespace := newNamespace(ctx)
		a, b := takingIn(namespace, "omdb"), ratings(namespace)
		startOperator(namespace, operatorOptions{})
		create(ctx, b, a)
		document, deployment := configMapOf(a, b), deploymentOf(a)
		exist(ctx, document, deployment)
		good, template := document.Data, deployment.Spec.Template

		change(ctx, b, func(b *v1alpha1.Ambassador) { b.Spec.Routes = nil })
		Eventually(condition(ctx, a, v1alpha1.ConditionAccepted)).Should(be("False", v1alpha1.ReasonRouteConflict, "omdb", "themoviedb", "8080"))
		Consistently(live(ctx, document)).Should(HaveField("Data", good))
		Expect(live(ctx, deployment)(Default).Spec.Template).To(Equal(template))
		Eventually(condition(ctx, b, v1alpha1.ConditionReady)).Should(be("Unknown", v1alpha1.ReasonNotServed, "themoviedb", v1alpha1.ReasonRouteConflict))

		By("giving one a port of its own, which needs no new Pod")
		change(ctx, b, func(b *v1alpha1.Ambassador) { b.Spec.Port = 8081 })
		Eventually(condition(ctx, a, v1alpha1.ConditionAccepted)).Should(be("True", v1alpha1.ReasonAccepted))
		Eventually(live(ctx, document)).Should(holdDocument("8081"))
		Expect(live(ctx, deployment)(Default).Spec.Template).To(Equal(template))

		By("breaking the one that is taken in, by itself")
		change(ctx, b, func(b *v1alpha1.Ambassador) {
			b.Spec.Routes = []v1alpha1.Route{{Path: "/x", Response: &v1alpha1.Response{Rules: []v1alpha1.ResponseRule{{JQ: ".a |"}}}}}
		})
		Eventually(condition(ctx, b, v1alpha1.ConditionAccepted)).Should(be("False", v1alpha1.ReasonInvalidMapping, "spec.routes[0].response.rules[0].jq"))
		Eventually(condition(ctx, a, v1alpha1.ConditionAccepted)).Should(be("False", v1alpha1.ReasonAmbassadorNotAccepted, "omdb", "rules[0].jq"))
		Expect(live(ctx, document)(Default)).To(holdDocument("8081"))
	})

	It("hands on its routes without new Pods, and a key that is added with new ones", func(ctx SpecContext) {
		namespace := newNamespace(ctx)
		a, b := takingIn(namespace, "omdb"), ratings(namespace)
		startOperator(namespace, operatorOptions{})
		create(ctx, b, a)
		document, deployment := configMapOf(a, b), deploymentOf(a)
		exist(ctx, document, deployment)
		template := deployment.Spec.Template

		change(ctx, b, func(b *v1alpha1.Ambassador) { b.Spec.Routes[0].Path = "/stars/{id}" })
		Eventually(live(ctx, document)).Should(holdDocument("/stars/{id}"))
		Expect(live(ctx, deployment)(Default).Spec.Template).To(Equal(template))

		change(ctx, b, func(b *v1alpha1.Ambassador) {
			b.Spec.Credentials = append(b.Spec.Credentials, v1alpha1.Credential{Header: &v1alpha1.HeaderCredential{Name: "X-Token", Key: "token"}})
		})
		Eventually(live(ctx, deployment)).Should(HaveField("Spec.Template.Spec.Volumes", ContainElement(
			HaveField("VolumeSource.Secret", HaveValue(And(HaveField("SecretName", "omdb"), HaveField("Items", ContainElement(HaveField("Key", "token")))))))))
		for _, c := range deployment.Spec.Template.Spec.Containers {
			Expect(c.VolumeMounts).To(BeEmpty(), "the Secret is the sidecar's alone")
		}
		Expect(live(ctx, document)(Default)).To(Not(holdDocument("X-Token")), "Pods that still run keep the document that fits them")
	})

	It("keeps what runs when that one is deleted, and takes a new one of its name", func(ctx SpecContext) {
		namespace := newNamespace(ctx)
		a, b := takingIn(namespace, "omdb"), ratings(namespace)
		startOperator(namespace, operatorOptions{})
		create(ctx, b, a)
		document := configMapOf(a, b)
		exist(ctx, document, deploymentOf(a))
		Expect(kube.Delete(ctx, b)).To(Succeed())
		Eventually(condition(ctx, a, v1alpha1.ConditionAccepted)).Should(be("False", v1alpha1.ReasonAmbassadorNotFound, "omdb"))
		Consistently(live(ctx, document)).Should(holdDocument("https://www.omdbapi.com"))
		Expect(live(ctx, deploymentOf(a))(Default)).NotTo(BeNil())

		again := ratings(namespace)
		again.Spec.Upstream.URL = "https://example.com"
		create(ctx, again)
		Eventually(condition(ctx, a, v1alpha1.ConditionAccepted)).Should(be("True", v1alpha1.ReasonAccepted))
		Eventually(live(ctx, document)).Should(holdDocument("https://example.com"))
	})

	It("is not accepted where a container uses a port of that one", func(ctx SpecContext) {
		namespace := newNamespace(ctx)
		a, b := takingIn(namespace, "omdb"), ratings(namespace)
		b.Spec.Port = 9090
		a.Spec.Workload.Template.Spec.Containers[0].Ports = []corev1.ContainerPort{{ContainerPort: 9090}}
		startOperator(namespace, operatorOptions{})
		create(ctx, b, a)
		Eventually(condition(ctx, a, v1alpha1.ConditionAccepted)).Should(be("False", v1alpha1.ReasonPortTaken, "container main", "9090", "omdb"))
	})
})

var _ = Describe("An Ambassador without a workload", func() {
	It("says how to have it served, and who serves it", func(ctx SpecContext) {
		namespace := newNamespace(ctx)
		a, b := takingIn(namespace, "omdb"), ratings(namespace)
		answers := &sidecars{}
		startOperator(namespace, operatorOptions{sidecars: answers})
		create(ctx, b)
		Eventually(condition(ctx, b, v1alpha1.ConditionReady)).Should(be("False", v1alpha1.ReasonNotServed, build.AmbassadorsAnnotation))
		Expect(condition(ctx, b, v1alpha1.ConditionAccepted)(Default)).To(be("True", v1alpha1.ReasonAccepted))
		Expect(kstatusOf(ctx, b)(Default)).To(Equal(status.InProgressStatus))
		Expect(live(ctx, deploymentOf(b))(Default)).To(BeNil())

		By("having another take it in")
		create(ctx, a)
		exist(ctx, deploymentOf(a), configMapOf(a, b))
		Eventually(condition(ctx, b, v1alpha1.ConditionReady)).Should(be("Unknown", v1alpha1.ReasonNotServed, "themoviedb", "has no Pod"))

		By("running a Pod that lacks a credential of the other, and one whose sidecar has not heard of it yet")
		answers.answer(nil, controllers.Lack{Ambassador: "omdb", Secret: "omdb", Key: "apikey", Problem: controllers.LackMissing})
		runPod(ctx, a, "themoviedb-old", true)
		pod := runServing(ctx, a, "themoviedb-a", configMapOf(a, b), false)
		Eventually(condition(ctx, b, v1alpha1.ConditionReady)).Should(be("False", v1alpha1.ReasonCredentialMissing, "Secret omdb, key apikey"))
		Expect(condition(ctx, b, v1alpha1.ConditionCredentialsReady)(Default)).To(be("False", v1alpha1.ReasonCredentialMissing))
		Eventually(condition(ctx, a, v1alpha1.ConditionCredentialsReady)).Should(be("False", v1alpha1.ReasonCredentialMissing, "Ambassador omdb, Secret omdb, key apikey"))

		By("having kubelet report it ready")
		answers.answer(nil)
		setSidecar(ctx, pod, true)
		Eventually(condition(ctx, b, v1alpha1.ConditionReady)).Should(be("True", v1alpha1.ReasonServed, "1 of 1 Pods", "themoviedb"))
		Expect(condition(ctx, b, v1alpha1.ConditionCredentialsReady)(Default)).To(be("True", v1alpha1.ReasonCredentialsHeld))
		Expect(condition(ctx, b, v1alpha1.ConditionIsolated)(Default)).To(be("True", v1alpha1.ReasonIsolated))
		Expect(kstatusOf(ctx, b)(Default)).To(Equal(status.CurrentStatus))
		Expect(b.Status).To(And(HaveField("URL", "http://localhost:8080"), HaveField("Replicas", BeEquivalentTo(1)),
			HaveField("ReadyReplicas", BeEquivalentTo(1)), HaveField("Selector", "ambassador-operator.io/ambassador in (themoviedb)"),
			HaveField("Pods", ConsistOf(v1alpha1.PodEvidence{Name: "themoviedb-a", Ready: true}))))

		By("changing it, which the sidecar reloads")
		change(ctx, b, func(b *v1alpha1.Ambassador) { b.Spec.Routes[0].Path = "/stars/{id}" })
		Eventually(condition(ctx, b, v1alpha1.ConditionReady)).Should(be("True", v1alpha1.ReasonServed))
		Expect(live(ctx, configMapOf(a, b))(Default)).To(holdDocument("/stars/{id}"))

		By("taking its name out again")
		change(ctx, a, func(a *v1alpha1.Ambassador) { a.Spec.Workload.Template.Annotations = nil })
		Eventually(condition(ctx, b, v1alpha1.ConditionReady)).Should(be("False", v1alpha1.ReasonNotServed, build.AmbassadorsAnnotation))
		Expect(b.Status.Selector).To(BeEmpty())
	})

	It("and the one that takes it in are not written again while nothing changes", func(ctx SpecContext) {
		namespace := newNamespace(ctx)
		a, b := takingIn(namespace, "omdb"), ratings(namespace)
		operator := startOperator(namespace, operatorOptions{resync: 100 * time.Millisecond})
		create(ctx, b, a)
		exist(ctx, deploymentOf(a), configMapOf(a, b))
		runServing(ctx, a, "themoviedb-a", configMapOf(a, b), true)
		rollOut(ctx, a)
		Eventually(condition(ctx, a, v1alpha1.ConditionReady)).Should(be("True", v1alpha1.ReasonReady))
		Eventually(condition(ctx, b, v1alpha1.ConditionReady)).Should(be("True", v1alpha1.ReasonServed))
		before := len(operator.writes.All())
		Consistently(operator.writes.All).Should(HaveLen(before), "a resync wrote something")

		By("starting another operator, which has nothing to do")
		operator.stop()
		second := startOperator(namespace, operatorOptions{resync: 100 * time.Millisecond})
		Consistently(second.writes.All).Should(BeEmpty())
	})

	It("loses its children when its workload is taken away, and has a Pod of its own beside others' when it gets one", func(ctx SpecContext) {
		namespace := newNamespace(ctx)
		a, b := takingIn(namespace, "omdb"), ratings(namespace)
		startOperator(namespace, operatorOptions{})
		b.Spec.Workload = movies(namespace).Spec.Workload
		create(ctx, b, a)
		own := configMapOf(b)
		exist(ctx, deploymentOf(a), deploymentOf(b), configMapOf(a, b), own)
		rollOut(ctx, b)
		Eventually(condition(ctx, b, v1alpha1.ConditionReady)).Should(be("True", v1alpha1.ReasonReady))
		runServing(ctx, a, "themoviedb-a", configMapOf(a, b), true)
		runServing(ctx, b, "omdb-a", own, true)
		Eventually(live(ctx, b)).Should(And(HaveField("Status.Replicas", BeEquivalentTo(2)), HaveField("Status.Selector", "ambassador-operator.io/ambassador=omdb"),
			HaveField("Status.Pods", ConsistOf(HaveField("Name", "omdb-a"), HaveField("Name", "themoviedb-a")))))

		change(ctx, b, func(b *v1alpha1.Ambassador) { b.Spec.Workload = nil })
		beGone(ctx, deploymentOf(b))
		beGone(ctx, own)
		Expect(live(ctx, configMapOf(a, b))(Default)).NotTo(BeNil())
		Consistently(live(ctx, deploymentOf(a))).Should(WithTransform(func(d *appsv1.Deployment) bool { return d != nil }, BeTrue()))
	})
})
