package reconciler_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
)

// eventsAbout lists the reasons of the Events about an Ambassador.
func eventsAbout(ctx SpecContext, a *v1alpha1.Ambassador) func(Gomega) []string {
	return func(g Gomega) []string {
		list := &eventsv1.EventList{}
		g.Expect(kube.List(ctx, list, client.InNamespace(a.Namespace))).To(Succeed())
		var reasons []string
		for _, event := range list.Items {
			if event.Regarding.UID == a.UID {
				reasons = append(reasons, event.Reason)
			}
		}
		return reasons
	}
}

var _ = Describe("What is refused", func() {
	DescribeTable("an object of the same name that is not the Ambassador's stays untouched",
		func(ctx SpecContext, kind v1alpha1.WorkloadKind, foreign func(a *v1alpha1.Ambassador) client.Object) {
			namespace := newNamespace(ctx)
			a := movies(namespace)
			if kind == v1alpha1.PodWorkload {
				a = job(namespace)
			}
			theirs := foreign(a)
			create(ctx, theirs)
			version := theirs.GetResourceVersion()
			startOperator(namespace, operatorOptions{resync: 200 * time.Millisecond})
			create(ctx, a)

			Eventually(condition(ctx, a, v1alpha1.ConditionAccepted)).Should(be("False", v1alpha1.ReasonOwnershipConflict, theirs.GetName(), "stays untouched"))
			Expect(condition(ctx, a, v1alpha1.ConditionReady)(Default)).To(be("False", v1alpha1.ReasonOwnershipConflict))
			Expect(kstatusOf(ctx, a)(Default)).To(Equal(status.FailedStatus))
			Eventually(eventsAbout(ctx, a)).Should(ConsistOf(v1alpha1.ReasonOwnershipConflict))
			Consistently(eventsAbout(ctx, a)).Should(HaveLen(1))
			Expect(kube.Get(ctx, client.ObjectKeyFromObject(theirs), theirs)).To(Succeed())
			Expect(theirs.GetResourceVersion()).To(Equal(version))

			By("taking the name once it is free")
			Expect(kube.Delete(ctx, theirs, client.GracePeriodSeconds(0))).To(Succeed())
			change(ctx, a, func(a *v1alpha1.Ambassador) { a.Annotations = map[string]string{"look": "again"} })
			Eventually(condition(ctx, a, v1alpha1.ConditionAccepted)).Should(be("True", v1alpha1.ReasonAccepted))
		},
		Entry("Deployment", v1alpha1.DeploymentWorkload, func(a *v1alpha1.Ambassador) client.Object {
			d := deploymentOf(a)
			d.Spec.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{"app": "theirs"}}
			d.Spec.Template.Labels = map[string]string{"app": "theirs"}
			d.Spec.Template.Spec.Containers = []corev1.Container{{Name: "main", Image: "theirs:1"}}
			return d
		}),
		Entry("Pod", v1alpha1.PodWorkload, func(a *v1alpha1.Ambassador) client.Object {
			p := podOf(a)
			p.Spec.Containers = []corev1.Container{{Name: "main", Image: "theirs:1"}}
			return p
		}),
		Entry("empty ConfigMap", v1alpha1.DeploymentWorkload, func(a *v1alpha1.Ambassador) client.Object { return configMapOf(a) }),
		Entry("ConfigMap that carries our labels and no owner", v1alpha1.DeploymentWorkload, func(a *v1alpha1.Ambassador) client.Object {
			c := configMapOf(a)
			c.Labels = map[string]string{build.AmbassadorLabel: a.Name, build.ManagedByLabel: build.FieldOwner}
			return c
		}),
	)

	It("waits for what a deleted Ambassador of the same name left to be collected", func(ctx SpecContext) {
		a := movies(newNamespace(ctx))
		operator := startOperator(a.Namespace, operatorOptions{})
		create(ctx, a)
		config := configMapOf(a)
		exist(ctx, deploymentOf(a), config)
		Expect(kube.Delete(ctx, a)).To(Succeed())
		second := movies(a.Namespace)
		create(ctx, second)
		Eventually(condition(ctx, second, v1alpha1.ConditionReady)).Should(be("False", v1alpha1.ReasonProgressing, "deleted Ambassador"))
		Expect(kube.Delete(ctx, config)).To(Succeed())
		Expect(kube.Delete(ctx, deploymentOf(a))).To(Succeed())
		Eventually(condition(ctx, second, v1alpha1.ConditionAccepted)).Should(be("True", v1alpha1.ReasonAccepted))
		Eventually(live(ctx, deploymentOf(second))).Should(WithTransform(func(d *appsv1.Deployment) bool { return d != nil && metav1.IsControlledBy(d, second) }, BeTrue()))
		operator.stop()
	})

	It("is a template that the API server refuses, in its own words", func(ctx SpecContext) {
		a := movies(newNamespace(ctx))
		startOperator(a.Namespace, operatorOptions{})
		a.Spec.Workload.Template.Spec.Containers[0].VolumeMounts = []corev1.VolumeMount{{Name: "nowhere", MountPath: "/x"}}
		create(ctx, a)
		Eventually(condition(ctx, a, v1alpha1.ConditionAccepted)).Should(be("False", v1alpha1.ReasonInvalidTemplate, `volumeMounts[0].name: Not found: "nowhere"`))
		Expect(condition(ctx, a, v1alpha1.ConditionStalled)(Default)).To(be("True", v1alpha1.ReasonInvalidTemplate))
		Expect(kstatusOf(ctx, a)(Default)).To(Equal(status.FailedStatus))

		By("healing with the spec")
		change(ctx, a, func(a *v1alpha1.Ambassador) { a.Spec.Workload.Template.Spec.Containers[0].VolumeMounts = nil })
		Eventually(condition(ctx, a, v1alpha1.ConditionAccepted)).Should(be("True", v1alpha1.ReasonAccepted))
		Expect(condition(ctx, a, v1alpha1.ConditionStalled)(Default)).To(BeNil())
		exist(ctx, deploymentOf(a))
	})

	It("is a Pod that Pod Security refuses, in its own words", func(ctx SpecContext) {
		a := job(newNamespace(ctx, "pod-security.kubernetes.io/enforce", "restricted"))
		startOperator(a.Namespace, operatorOptions{})
		create(ctx, a)
		Eventually(condition(ctx, a, v1alpha1.ConditionAccepted)).Should(be("False", v1alpha1.ReasonAdmissionDenied, "violates PodSecurity", `"main"`))
		Expect(condition(ctx, a, v1alpha1.ConditionAccepted)(Default).Message).NotTo(ContainSubstring(`"ambassador"`), "the sidecar itself is restricted")
	})

	It("is a Pod for which a quota has no room, in its own words", func(ctx SpecContext) {
		a := job(newNamespace(ctx))
		none := corev1.ResourceList{corev1.ResourcePods: resource.MustParse("0")}
		quota := &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Name: "none", Namespace: a.Namespace}, Spec: corev1.ResourceQuotaSpec{Hard: none}}
		create(ctx, quota)
		changeStatus(ctx, quota, func(q *corev1.ResourceQuota) { q.Status = corev1.ResourceQuotaStatus{Hard: none, Used: none} })
		startOperator(a.Namespace, operatorOptions{})
		create(ctx, a)
		Eventually(condition(ctx, a, v1alpha1.ConditionAccepted)).Should(be("False", v1alpha1.ReasonQuotaExceeded, "exceeded quota: none"))
	})

	It("is what a ReplicaSet may not create, in its own words", func(ctx SpecContext) {
		a := movies(newNamespace(ctx))
		startOperator(a.Namespace, operatorOptions{})
		create(ctx, a)
		exist(ctx, deploymentOf(a))
		words := `pods "themoviedb-1" is forbidden: exceeded quota: small, requested: pods=1, used: pods=3, limited: pods=3`
		changeStatus(ctx, deploymentOf(a), func(d *appsv1.Deployment) {
			d.Status = appsv1.DeploymentStatus{ObservedGeneration: d.Generation, Conditions: []appsv1.DeploymentCondition{{
				Type: appsv1.DeploymentReplicaFailure, Status: corev1.ConditionTrue, Reason: "FailedCreate", Message: words,
			}}}
		})
		Eventually(condition(ctx, a, v1alpha1.ConditionAccepted)).Should(be("False", v1alpha1.ReasonQuotaExceeded, words))
		Expect(condition(ctx, a, v1alpha1.ConditionReady)(Default)).To(be("False", v1alpha1.ReasonQuotaExceeded, words))

		By("healing when there is room")
		rollOut(ctx, a)
		Eventually(condition(ctx, a, v1alpha1.ConditionReady)).Should(be("True", v1alpha1.ReasonReady))
		Expect(condition(ctx, a, v1alpha1.ConditionAccepted)(Default)).To(be("True", v1alpha1.ReasonAccepted))
	})

	It("goes unsaid where the namespace is being deleted", func(ctx SpecContext) {
		a := movies(newNamespace(ctx))
		startOperator(a.Namespace, operatorOptions{})
		create(ctx, a)
		deployment := deploymentOf(a)
		exist(ctx, deployment)
		rollOut(ctx, a)
		Eventually(condition(ctx, a, v1alpha1.ConditionReady)).Should(be("True", v1alpha1.ReasonReady))
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: a.Namespace}}
		Expect(kube.Delete(ctx, namespace)).To(Succeed())
		Eventually(func() error { return kube.Get(ctx, client.ObjectKeyFromObject(namespace), namespace) }).Should(Succeed())
		Expect(kube.Delete(ctx, deployment)).To(Succeed())
		Consistently(condition(ctx, a, v1alpha1.ConditionReady)).Should(be("True", v1alpha1.ReasonReady))
		Expect(eventsAbout(ctx, a)(Default)).To(Or(BeEmpty(), ConsistOf(v1alpha1.ReasonReady)))
	})
})
