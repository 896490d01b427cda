package reconciler_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
)

// finish has a Pod's containers end.
func finish(ctx SpecContext, a *v1alpha1.Ambassador, phase corev1.PodPhase) {
	GinkgoHelper()
	changeStatus(ctx, podOf(a), func(p *corev1.Pod) { p.Status.Phase = phase })
}

func uidOf(ctx SpecContext, a *v1alpha1.Ambassador) func(Gomega) types.UID {
	return func(g Gomega) types.UID {
		if pod := live(ctx, podOf(a))(g); pod != nil {
			return pod.UID
		}
		return ""
	}
}

var _ = Describe("A Pod workload", func() {
	It("is replaced when it must change", func(ctx SpecContext) {
		a := job(newNamespace(ctx))
		operator := startOperator(a.Namespace, operatorOptions{})
		create(ctx, a)
		exist(ctx, podOf(a))
		before := uidOf(ctx, a)(Default)
		change(ctx, a, func(a *v1alpha1.Ambassador) { a.Spec.Workload.Template.Spec.Containers[0].Image = "app:2" })
		Eventually(live(ctx, podOf(a))).Should(And(Not(BeNil()), HaveField("Spec.Containers", ConsistOf(HaveField("Image", "app:2")))))
		Expect(uidOf(ctx, a)(Default)).NotTo(Equal(before))
		Expect(operator.writes.All()).To(ContainElements("rehearse Pod", "delete Pod"))
		Eventually(eventsAbout(ctx, a)).Should(ContainElement("PodReplaced"))
	})

	It("is not replaced when only the sidecar's document changes", func(ctx SpecContext) {
		a := job(newNamespace(ctx))
		startOperator(a.Namespace, operatorOptions{})
		create(ctx, a)
		exist(ctx, podOf(a))
		before := uidOf(ctx, a)(Default)
		change(ctx, a, func(a *v1alpha1.Ambassador) { a.Spec.Upstream.URL = "https://example.com" })
		Consistently(uidOf(ctx, a)).Should(Equal(before))
	})

	It("stays where the new one would be refused", func(ctx SpecContext) {
		a := job(newNamespace(ctx))
		startOperator(a.Namespace, operatorOptions{})
		create(ctx, a)
		exist(ctx, podOf(a), configMapOf(a))
		first := configMapOf(a)
		before := uidOf(ctx, a)(Default)
		change(ctx, a, func(a *v1alpha1.Ambassador) {
			a.Spec.Secret.Name = "another"
			a.Spec.Workload.Template.Spec.Containers[0].VolumeMounts = []corev1.VolumeMount{{Name: "nowhere", MountPath: "/x"}}
		})
		Eventually(condition(ctx, a, v1alpha1.ConditionAccepted)).Should(be("False", v1alpha1.ReasonInvalidTemplate, "nowhere"))
		Consistently(uidOf(ctx, a)).Should(Equal(before))
		Expect(live(ctx, first)(Default)).NotTo(BeNil(), "the Pod that stays has its document")

		By("replacing it once the template is sound")
		change(ctx, a, func(a *v1alpha1.Ambassador) { a.Spec.Workload.Template.Spec.Containers[0].VolumeMounts = nil })
		Eventually(uidOf(ctx, a)).ShouldNot(Or(Equal(before), BeEmpty()))
		setSidecar(ctx, podOf(a), true)
		beGone(ctx, first)
	})

	It("has drift repaired in what can be changed", func(ctx SpecContext) {
		a := job(newNamespace(ctx))
		startOperator(a.Namespace, operatorOptions{})
		create(ctx, a)
		exist(ctx, podOf(a))
		before := uidOf(ctx, a)(Default)
		change(ctx, podOf(a), func(p *corev1.Pod) { p.Spec.Containers[0].Image = "evil:1" })
		Eventually(live(ctx, podOf(a))).Should(HaveField("Spec.Containers", ConsistOf(HaveField("Image", "app:1"))))
		Expect(uidOf(ctx, a)(Default)).To(Equal(before))
	})

	It("stays at its end, and the Ambassador is Ready as completed", func(ctx SpecContext) {
		a := job(newNamespace(ctx))
		operator := startOperator(a.Namespace, operatorOptions{})
		create(ctx, a)
		exist(ctx, podOf(a))
		finish(ctx, a, corev1.PodSucceeded)
		Eventually(condition(ctx, a, v1alpha1.ConditionReady)).Should(be("True", v1alpha1.ReasonCompleted))
		Expect(kstatusOf(ctx, a)(Default)).To(Equal(status.CurrentStatus))
		before := uidOf(ctx, a)(Default)

		By("upgrading the operator, and changing the template")
		operator.stop()
		startOperator(a.Namespace, operatorOptions{image: "ghcr.io/ambassador-operator/ambassador:next"})
		change(ctx, a, func(a *v1alpha1.Ambassador) { a.Spec.Workload.Template.Spec.Containers[0].Image = "app:2" })
		Eventually(condition(ctx, a, v1alpha1.ConditionReady)).Should(be("True", v1alpha1.ReasonCompleted, "delete the Pod to run it again"))
		Consistently(uidOf(ctx, a)).Should(Equal(before))

		By("deleting it")
		Expect(kube.Delete(ctx, podOf(a))).To(Succeed())
		Eventually(live(ctx, podOf(a))).Should(And(Not(BeNil()), HaveField("Spec.Containers", ConsistOf(HaveField("Image", "app:2")))))
	})

	It("that fails stalls the Ambassador", func(ctx SpecContext) {
		a := job(newNamespace(ctx))
		startOperator(a.Namespace, operatorOptions{})
		create(ctx, a)
		exist(ctx, podOf(a))
		finish(ctx, a, corev1.PodFailed)
		Eventually(condition(ctx, a, v1alpha1.ConditionStalled)).Should(be("True", v1alpha1.ReasonPodFailed))
		Expect(kstatusOf(ctx, a)(Default)).To(Equal(status.FailedStatus))
	})

	It("that should always run is created anew after an eviction", func(ctx SpecContext) {
		a := job(newNamespace(ctx))
		a.Spec.Workload.Template.Spec.RestartPolicy = corev1.RestartPolicyAlways
		startOperator(a.Namespace, operatorOptions{})
		create(ctx, a)
		exist(ctx, podOf(a))
		before := uidOf(ctx, a)(Default)
		finish(ctx, a, corev1.PodFailed)
		Eventually(uidOf(ctx, a)).ShouldNot(Or(Equal(before), BeEmpty()))
	})
})
