package e2e

import (
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
)

const operatorNamespace = "ambassador-system"

var _ = Describe("The operator", Serial, func() {
	It("has no right on Secrets, and none on everything", func(ctx SpecContext) {
		account := "system:serviceaccount:" + operatorNamespace + ":" + operator(ctx).Spec.Template.Spec.ServiceAccountName
		for _, namespace := range []string{"default", operatorNamespace} {
			rights := kubectl(ctx, "auth", "can-i", "--list", "--as="+account, "--namespace="+namespace)
			Expect(rights).To(ContainSubstring("ambassadors.ambassador-operator.io"))
			Expect(rights).NotTo(Or(ContainSubstring("secrets"), MatchRegexp(`(?m)^\*|\[\*\]`)), "rights on Secrets, or on everything")
			answer, err := tryKubectl(ctx, "auth", "can-i", "get", "secrets", "--as="+account, "--namespace="+namespace)
			Expect(err).To(HaveOccurred()) // kubectl exits with 1 where the answer is no
			Expect(answer).To(HavePrefix("no"))
		}
	})

	It("runs as restricted Pod Security wants it", func(ctx SpecContext) {
		output := kubectl(ctx, "label", "--dry-run=server", "--overwrite", "namespace", operatorNamespace, "pod-security.kubernetes.io/enforce=restricted")
		Expect(output).NotTo(ContainSubstring("Warning"))
	})

	It("brings everything to its end when it is killed between any two writes", func(ctx SpecContext) {
		namespace := newNamespace(ctx)
		create(ctx, movieSecret(namespace, firstKey))
		var all []*v1alpha1.Ambassador
		for i := range 8 {
			movies := movieAmbassador(namespace, fmt.Sprintf("themoviedb-%d", i))
			create(ctx, movies)
			all = append(all, movies)
			if i%2 == 1 {
				kubectl(ctx, "delete", "pod", "--namespace="+operatorNamespace, "--all", "--force", "--grace-period=0")
			}
		}
		for _, movies := range all {
			Eventually(condition(ctx, movies, v1alpha1.ConditionReady), 4*time.Minute).Should(HaveField("Status", BeEquivalentTo("True")))
			Expect(childrenOf(ctx, movies)).To(Equal([]int{1, 1, 1}), "Deployments, ConfigMaps and Pods of "+movies.Name)
		}
	}, SpecTimeout(6*time.Minute))

	It("is upgraded without rolling a Pod", func(ctx SpecContext) {
		namespace := newNamespace(ctx)
		movies := movieAmbassador(namespace, "themoviedb")
		create(ctx, movieSecret(namespace, firstKey), movies)
		beReady(ctx, movies)
		before, err := incarnations(ctx, namespace, movies.Name)
		Expect(err).NotTo(HaveOccurred())

		upgrade(ctx)
		By("waiting until the new operator has done something")
		later := movieAmbassador(namespace, "later")
		create(ctx, later)
		beReady(ctx, later)
		Expect(incarnations(ctx, namespace, movies.Name)).To(Equal(before))
	}, SpecTimeout(6*time.Minute))
})

// upgrade has the operator run its other image, and brings the first back when
// the spec ends.
func upgrade(ctx SpecContext) {
	GinkgoHelper()
	deployment := operator(ctx)
	image := deployment.Spec.Template.Spec.Containers[0].Image
	container := deployment.Spec.Template.Spec.Containers[0].Name
	run := func(ctx SpecContext, image string) {
		kubectl(ctx, "set", "image", "--namespace="+operatorNamespace, "deployment/"+deployment.Name, container+"="+image)
		kubectl(ctx, "rollout", "status", "--namespace="+operatorNamespace, "deployment/"+deployment.Name, "--timeout=3m")
	}
	DeferCleanup(func(ctx SpecContext) { run(ctx, image) })
	run(ctx, image+"-next")
}

// operator is the operator's own Deployment.
func operator(ctx SpecContext) *appsv1.Deployment {
	GinkgoHelper()
	var list appsv1.DeploymentList
	Expect(k8s.List(ctx, &list, client.InNamespace(operatorNamespace))).To(Succeed())
	Expect(list.Items).To(HaveLen(1))
	return &list.Items[0]
}

// childrenOf counts the Deployments, ConfigMaps and Pods of an Ambassador.
func childrenOf(ctx SpecContext, a *v1alpha1.Ambassador) ([]int, error) {
	var counts []int
	for _, list := range []client.ObjectList{&appsv1.DeploymentList{}, &corev1.ConfigMapList{}, &corev1.PodList{}} {
		if err := k8s.List(ctx, list, client.InNamespace(a.Namespace), client.MatchingLabels{ambassadorLabel: a.Name}); err != nil {
			return nil, err
		}
		counts = append(counts, meta.LenList(list))
	}
	return counts, nil
}
