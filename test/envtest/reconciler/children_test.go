package reconciler_test

import (
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
	"github.com/ambassador-operator/ambassador-operator/controllers/drift"
)

var _ = Describe("The children of an Ambassador", func() {
	It("are a ConfigMap and a Deployment, applied by one field owner and owned by it", func(ctx SpecContext) {
		a := movies(newNamespace(ctx))
		startOperator(a.Namespace, operatorOptions{})
		create(ctx, a)
		deployment, config := deploymentOf(a), configMapOf(a)
		exist(ctx, deployment, config)

		wanted, err := build.New(a, options)
		Expect(err).NotTo(HaveOccurred())
		Expect(drift.Find(wanted.Deployment, deployment)).To(BeEmpty())
		Expect(drift.Find(wanted.ConfigMap, config)).To(BeEmpty())
		Expect(deployment.Spec.Template.Spec.InitContainers[0].Name).To(Equal(v1alpha1.SidecarName))
		for _, child := range []client.Object{deployment, config} {
			Expect(metav1.IsControlledBy(child, a)).To(BeTrue())
			Expect(child.GetManagedFields()).To(ConsistOf(And(
				HaveField("Manager", build.FieldOwner), HaveField("Operation", metav1.ManagedFieldsOperationApply))))
		}
	})

	It("are not written again while nothing changes, however often they are looked at", func(ctx SpecContext) {
		a := movies(newNamespace(ctx))
		operator := startOperator(a.Namespace, operatorOptions{resync: 100 * time.Millisecond})
		create(ctx, a)
		exist(ctx, deploymentOf(a))
		rollOut(ctx, a)
		Eventually(condition(ctx, a, v1alpha1.ConditionReady)).Should(be("True", v1alpha1.ReasonReady))
		before := len(operator.writes.All())
		Consistently(operator.writes.All).Should(HaveLen(before), "a resync wrote something")

		By("starting another operator, which has nothing to do")
		operator.stop()
		second := startOperator(a.Namespace, operatorOptions{resync: 100 * time.Millisecond})
		Consistently(second.writes.All).Should(BeEmpty())
	})

	It("are repaired where somebody changes what the operator applied", func(ctx SpecContext) {
		a := movies(newNamespace(ctx))
		startOperator(a.Namespace, operatorOptions{})
		create(ctx, a)
		deployment, config := deploymentOf(a), configMapOf(a)
		exist(ctx, deployment, config)
		document := config.Data[build.ConfigKey]

		change(ctx, deployment, func(d *appsv1.Deployment) {
			d.Spec.Template.Spec.Containers[0].Image = "evil:1"
			d.Spec.Template.Spec.InitContainers[0].SecurityContext.ReadOnlyRootFilesystem = new(false)
			d.Spec.Replicas = new(int32(9))
		})
		change(ctx, config, func(c *corev1.ConfigMap) { c.Data[build.ConfigKey] = "{}" })
		Eventually(live(ctx, deployment)).Should(And(
			HaveField("Spec.Template.Spec.Containers", ContainElement(HaveField("Image", "app:1"))),
			HaveField("Spec.Template.Spec.InitContainers", ContainElement(HaveField("SecurityContext.ReadOnlyRootFilesystem", HaveValue(BeTrue())))),
			HaveField("Spec.Replicas", HaveValue(BeEquivalentTo(2)))))
		Eventually(live(ctx, config)).Should(HaveField("Data", HaveKeyWithValue(build.ConfigKey, document)))

		By("taking away the label by which it is watched")
		change(ctx, deployment, func(d *appsv1.Deployment) { delete(d.Labels, build.AmbassadorLabel) })
		Eventually(live(ctx, deployment)).Should(HaveField("Labels", HaveKeyWithValue(build.AmbassadorLabel, a.Name)))

		By("deleting it")
		before := deployment.UID
		Expect(kube.Delete(ctx, deployment)).To(Succeed())
		Eventually(live(ctx, deployment)).Should(And(Not(BeNil()), HaveField("UID", Not(Equal(before)))))
	})

	It("keep what others own in them", func(ctx SpecContext) {
		a := movies(newNamespace(ctx))
		startOperator(a.Namespace, operatorOptions{resync: 100 * time.Millisecond})
		a.Spec.Workload.Replicas = nil
		create(ctx, a)
		deployment := deploymentOf(a)
		exist(ctx, deployment)
		change(ctx, deployment, func(d *appsv1.Deployment) {
			d.Annotations["team"] = "cinema"
			d.Spec.Replicas = new(int32(5))
			d.Spec.Template.Annotations = map[string]string{"kubectl.kubernetes.io/restartedAt": "2026-11-23T20:00:00Z"}
			d.Spec.Template.Spec.Containers = append(d.Spec.Template.Spec.Containers, corev1.Container{Name: "mesh", Image: "mesh:1"})
		})
		theirs := And(
			HaveField("Annotations", HaveKeyWithValue("team", "cinema")),
			HaveField("Spec.Replicas", HaveValue(BeEquivalentTo(5))),
			HaveField("Spec.Template.Annotations", HaveKey("kubectl.kubernetes.io/restartedAt")),
			HaveField("Spec.Template.Spec.Containers", ContainElement(HaveField("Name", "mesh"))))
		Consistently(live(ctx, deployment)).Should(theirs)

		change(ctx, a, func(a *v1alpha1.Ambassador) { a.Spec.Workload.Template.Spec.Containers[0].Image = "app:2" })
		Eventually(live(ctx, deployment)).Should(HaveField("Spec.Template.Spec.Containers", ContainElement(HaveField("Image", "app:2"))))
		Expect(live(ctx, deployment)(Default)).To(theirs)
	})

	It("lose what is taken out of the resource", func(ctx SpecContext) {
		a := movies(newNamespace(ctx))
		startOperator(a.Namespace, operatorOptions{})
		a.Spec.Workload.Template.Labels = map[string]string{"tier": "front"}
		a.Spec.Workload.Template.Spec.Containers[0].Env = []corev1.EnvVar{{Name: "A", Value: "1"}, {Name: "B", Value: "2"}}
		create(ctx, a)
		deployment := deploymentOf(a)
		exist(ctx, deployment)
		change(ctx, a, func(a *v1alpha1.Ambassador) {
			a.Spec.Workload.Template.Labels = nil
			a.Spec.Workload.Template.Spec.Containers[0].Env = []corev1.EnvVar{{Name: "B", Value: "2"}}
		})
		Eventually(live(ctx, deployment)).Should(And(
			HaveField("Spec.Template.Labels", Not(HaveKey("tier"))),
			HaveField("Spec.Template.Spec.Containers", ContainElement(HaveField("Env", ConsistOf(HaveField("Name", "B")))))))
	})

	It("keep their number when the resource stops giving one, and take it again when it does", func(ctx SpecContext) {
		a := movies(newNamespace(ctx))
		startOperator(a.Namespace, operatorOptions{})
		create(ctx, a)
		deployment := deploymentOf(a)
		exist(ctx, deployment)
		change(ctx, a, func(a *v1alpha1.Ambassador) {
			a.Spec.Workload.Replicas = nil
			a.Spec.Workload.Template.Spec.Containers[0].Image = "app:2"
		})
		Eventually(live(ctx, deployment)).Should(HaveField("Spec.Template.Spec.Containers", ContainElement(HaveField("Image", "app:2"))))
		Expect(*deployment.Spec.Replicas).To(BeEquivalentTo(2))
		change(ctx, deployment, func(d *appsv1.Deployment) { d.Spec.Replicas = new(int32(7)) })
		Consistently(live(ctx, deployment)).Should(HaveField("Spec.Replicas", HaveValue(BeEquivalentTo(7))))
		change(ctx, a, func(a *v1alpha1.Ambassador) { a.Spec.Workload.Replicas = new(int32(3)) })
		Eventually(live(ctx, deployment)).Should(HaveField("Spec.Replicas", HaveValue(BeEquivalentTo(3))))
	})

	It("do not roll when only the sidecar's document changes, nor at an upgrade of the operator", func(ctx SpecContext) {
		a := movies(newNamespace(ctx))
		operator := startOperator(a.Namespace, operatorOptions{})
		create(ctx, a)
		deployment, config := deploymentOf(a), configMapOf(a)
		exist(ctx, deployment, config)
		template := deployment.Spec.Template

		change(ctx, a, func(a *v1alpha1.Ambassador) { a.Spec.Upstream.URL = "https://example.com" })
		Eventually(live(ctx, config)).Should(HaveField("Data", HaveKeyWithValue(build.ConfigKey, ContainSubstring("https://example.com"))))
		Expect(live(ctx, deployment)(Default).Spec.Template).To(Equal(template))

		By("upgrading to an operator with another sidecar")
		operator.stop()
		startOperator(a.Namespace, operatorOptions{image: "ghcr.io/ambassador-operator/ambassador:next"})
		Eventually(live(ctx, deployment)).Should(HaveField("Spec.Template.Spec.InitContainers", ContainElement(HaveField("Image", HaveSuffix(":next")))))

		By("keeping the old document for Pods that have yet to roll")
		Consistently(live(ctx, config)).ShouldNot(BeNil())
		rollOut(ctx, a)
		beGone(ctx, config)
	})

	It("become a Pod when the kind does", func(ctx SpecContext) {
		a := movies(newNamespace(ctx))
		startOperator(a.Namespace, operatorOptions{})
		create(ctx, a)
		exist(ctx, deploymentOf(a))
		change(ctx, a, func(a *v1alpha1.Ambassador) {
			a.Spec.Workload.Kind, a.Spec.Workload.Replicas = v1alpha1.PodWorkload, nil
		})
		exist(ctx, podOf(a))
		beGone(ctx, deploymentOf(a))
	})

	It("are separate for each Ambassador", func(ctx SpecContext) {
		namespace := newNamespace(ctx)
		startOperator(namespace, operatorOptions{})
		for i := range 3 {
			a := movies(namespace)
			a.Name = fmt.Sprintf("movies-%d", i)
			a.Spec.Port = int32(9000 + i)
			create(ctx, a)
			exist(ctx, deploymentOf(a), configMapOf(a))
		}
	})

	It("are left to the garbage collector when the Ambassador goes", func(ctx SpecContext) {
		a := movies(newNamespace(ctx))
		operator := startOperator(a.Namespace, operatorOptions{})
		a.Finalizers = []string{"example.com/hold"}
		create(ctx, a)
		exist(ctx, deploymentOf(a))
		Eventually(condition(ctx, a, v1alpha1.ConditionAccepted)).Should(be("True", v1alpha1.ReasonAccepted))
		Expect(kube.Delete(ctx, a)).To(Succeed())
		Expect(kube.Delete(ctx, deploymentOf(a))).To(Succeed())
		before := len(operator.writes.All())
		Consistently(operator.writes.All).Should(HaveLen(before))
		beGone(ctx, deploymentOf(a))
	})
})
