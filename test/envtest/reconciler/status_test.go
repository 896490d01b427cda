package reconciler_test

import (
	"errors"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/controllers"
)

var _ = Describe("The status", func() {
	It("is not Ready from the first observation, and goes with the rollout as kstatus has it", func(ctx SpecContext) {
		a := movies(newNamespace(ctx))
		startOperator(a.Namespace, operatorOptions{})
		create(ctx, a)
		Eventually(condition(ctx, a, v1alpha1.ConditionReady)).Should(be("False", v1alpha1.ReasonProgressing))
		Expect(kstatusOf(ctx, a)(Default)).To(Equal(status.InProgressStatus))
		Expect(a.Status.ObservedGeneration).To(Equal(a.Generation))
		Expect(a.Status.URL).To(Equal("http://localhost:8080"))
		Expect(a.Status.Selector).To(Equal("ambassador-operator.io/ambassador=themoviedb"))

		By("rolling out one Pod of two")
		exist(ctx, deploymentOf(a))
		changeStatus(ctx, deploymentOf(a), func(d *appsv1.Deployment) {
			d.Status = appsv1.DeploymentStatus{ObservedGeneration: d.Generation, Replicas: 2, UpdatedReplicas: 2, ReadyReplicas: 1, AvailableReplicas: 1}
		})
		Eventually(condition(ctx, a, v1alpha1.ConditionReady)).Should(be("False", v1alpha1.ReasonProgressing, "1 of 2 Pods are available"))
		Expect(a.Status).To(And(HaveField("Replicas", BeEquivalentTo(2)), HaveField("ReadyReplicas", BeEquivalentTo(1))))
		Expect(kstatusOf(ctx, a)(Default)).To(Equal(status.InProgressStatus))

		By("rolling out both")
		rollOut(ctx, a)
		Eventually(condition(ctx, a, v1alpha1.ConditionReady)).Should(be("True", v1alpha1.ReasonReady))
		Expect(condition(ctx, a, v1alpha1.ConditionReconciling)(Default)).To(BeNil())
		Expect(kstatusOf(ctx, a)(Default)).To(Equal(status.CurrentStatus))
		Eventually(eventsAbout(ctx, a)).Should(ConsistOf(v1alpha1.ReasonReady))

		By("changing the spec")
		change(ctx, a, func(a *v1alpha1.Ambassador) { a.Spec.Workload.Template.Spec.Containers[0].Image = "app:2" })
		Eventually(condition(ctx, a, v1alpha1.ConditionReady)).Should(be("False", v1alpha1.ReasonProgressing))
		Expect(kstatusOf(ctx, a)(Default)).To(Equal(status.InProgressStatus))
	})

	It("says why a Pod does not come up", func(ctx SpecContext) {
		a := movies(newNamespace(ctx))
		startOperator(a.Namespace, operatorOptions{})
		create(ctx, a)
		exist(ctx, deploymentOf(a))
		changeStatus(ctx, runPod(ctx, a, "themoviedb-a", true), func(p *corev1.Pod) {
			p.Status.ContainerStatuses = []corev1.ContainerStatus{{
				Name: "main", Image: "app:1", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ImagePullBackOff"}},
			}}
		})
		Eventually(condition(ctx, a, v1alpha1.ConditionReady)).Should(be("False", v1alpha1.ReasonProgressing, "Pod themoviedb-a", "container main waits", "ImagePullBackOff"))
	})

	It("is stalled when the rollout's deadline has passed", func(ctx SpecContext) {
		a := movies(newNamespace(ctx))
		startOperator(a.Namespace, operatorOptions{})
		create(ctx, a)
		exist(ctx, deploymentOf(a))
		changeStatus(ctx, deploymentOf(a), func(d *appsv1.Deployment) {
			d.Status = appsv1.DeploymentStatus{ObservedGeneration: d.Generation, Replicas: 2, UpdatedReplicas: 2, Conditions: []appsv1.DeploymentCondition{{
				Type: appsv1.DeploymentProgressing, Status: corev1.ConditionFalse, Reason: "ProgressDeadlineExceeded", Message: "has timed out progressing",
			}}}
		})
		Eventually(condition(ctx, a, v1alpha1.ConditionStalled)).Should(be("True", v1alpha1.ReasonProgressDeadlineExceeded, "has timed out"))
		Expect(kstatusOf(ctx, a)(Default)).To(Equal(status.FailedStatus))
		Expect(condition(ctx, a, v1alpha1.ConditionReconciling)(Default)).To(BeNil())
	})

	It("names a credential that is missing, and heals when it comes", func(ctx SpecContext) {
		a := movies(newNamespace(ctx))
		answers := &sidecars{}
		answers.answer(nil, controllers.Lack{Secret: "themoviedb", Key: "apikey", Problem: controllers.LackMissing})
		startOperator(a.Namespace, operatorOptions{sidecars: answers})
		create(ctx, a)
		exist(ctx, deploymentOf(a))
		Eventually(condition(ctx, a, v1alpha1.ConditionCredentialsReady)).Should(be("Unknown", v1alpha1.ReasonNoPods))

		runPod(ctx, a, "themoviedb-b", true)
		first := runPod(ctx, a, "themoviedb-a", false)
		Eventually(condition(ctx, a, v1alpha1.ConditionCredentialsReady)).Should(be("False", v1alpha1.ReasonCredentialMissing, "Secret themoviedb, key apikey"))
		Expect(condition(ctx, a, v1alpha1.ConditionReady)(Default)).To(be("False", v1alpha1.ReasonCredentialMissing))
		Expect(a.Status.Pods).To(HaveExactElements(
			v1alpha1.PodEvidence{Name: "themoviedb-a", Missing: []string{"themoviedb/apikey: missing"}},
			v1alpha1.PodEvidence{Name: "themoviedb-b", Ready: true}))
		Eventually(eventsAbout(ctx, a)).Should(ContainElement(v1alpha1.ReasonCredentialMissing))

		By("having kubelet report it ready")
		answers.answer(nil)
		setSidecar(ctx, first, true)
		rollOut(ctx, a)
		Eventually(condition(ctx, a, v1alpha1.ConditionCredentialsReady)).Should(be("True", v1alpha1.ReasonCredentialsHeld))
		Eventually(condition(ctx, a, v1alpha1.ConditionReady)).Should(be("True", v1alpha1.ReasonReady))
	})

	It("says so where a sidecar that is not ready can not be asked", func(ctx SpecContext) {
		a := movies(newNamespace(ctx))
		answers := &sidecars{}
		answers.answer(errors.New("no route to host"))
		startOperator(a.Namespace, operatorOptions{sidecars: answers})
		create(ctx, a)
		runPod(ctx, a, "themoviedb-a", false)
		Eventually(condition(ctx, a, v1alpha1.ConditionCredentialsReady)).Should(be("False", v1alpha1.ReasonSidecarUnreachable, "themoviedb-a", "15901"))
	})

	It("says where a container can reach the credential", func(ctx SpecContext) {
		a := movies(newNamespace(ctx))
		startOperator(a.Namespace, operatorOptions{})
		a.Spec.Workload.Template.Spec.Containers[0].EnvFrom = []corev1.EnvFromSource{{
			SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "themoviedb"}},
		}}
		create(ctx, a)
		Eventually(condition(ctx, a, v1alpha1.ConditionIsolated)).Should(be("False", v1alpha1.ReasonSecretInEnvironment, "container main", "themoviedb"))
		Expect(condition(ctx, a, v1alpha1.ConditionAccepted)(Default)).To(be("True", v1alpha1.ReasonAccepted))
		change(ctx, a, func(a *v1alpha1.Ambassador) { a.Spec.Workload.Template.Spec.Containers[0].EnvFrom = nil })
		Eventually(condition(ctx, a, v1alpha1.ConditionIsolated)).Should(be("True", v1alpha1.ReasonIsolated))
	})
})
