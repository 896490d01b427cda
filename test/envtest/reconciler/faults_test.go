package reconciler_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
	"github.com/ambassador-operator/ambassador-operator/controllers/drift"
)

// killedAfter lets a number of writes through and refuses all that follow, as if the process had died there.
func killedAfter(writes int32) (fault func(string) error, dead *atomic.Bool) {
	var count atomic.Int32
	dead = &atomic.Bool{}
	return func(string) error {
		if count.Add(1) > writes {
			dead.Store(true)
			return errors.New("killed")
		}
		return nil
	}, dead
}

// firstTries answers each kind of write with an error so many times.
func firstTries(tries int, err error) func(string) error {
	var mu sync.Mutex
	tried := map[string]int{}
	return func(write string) error {
		mu.Lock()
		defer mu.Unlock()
		if tried[write]++; tried[write] <= tries {
			return err
		}
		return nil
	}
}

// beRight waits until the cluster holds exactly what the Ambassador asks for.
func beRight(ctx context.Context, a *v1alpha1.Ambassador) {
	GinkgoHelper()
	wanted, err := build.New(a, options)
	Expect(err).NotTo(HaveOccurred())
	Eventually(func(g Gomega) {
		maps := &corev1.ConfigMapList{}
		g.Expect(kube.List(ctx, maps, client.InNamespace(a.Namespace), client.MatchingLabels{build.AmbassadorLabel: a.Name})).To(Succeed())
		g.Expect(maps.Items).To(HaveLen(1))
		g.Expect(drift.Find(wanted.ConfigMap, &maps.Items[0])).To(BeEmpty())
		if wanted.Pod != nil {
			g.Expect(live(ctx, deploymentOf(a))(g)).To(BeNil())
			pod := live(ctx, podOf(a))(g)
			g.Expect(pod).NotTo(BeNil())
			g.Expect(drift.Find(wanted.Pod, pod)).To(BeEmpty())
		} else {
			g.Expect(live(ctx, podOf(a))(g)).To(BeNil())
			deployment := live(ctx, deploymentOf(a))(g)
			g.Expect(deployment).NotTo(BeNil())
			g.Expect(drift.Find(wanted.Deployment, deployment)).To(BeEmpty())
		}
		g.Expect(condition(ctx, a, v1alpha1.ConditionAccepted)(g)).To(be("True", v1alpha1.ReasonAccepted))
	}).Should(Succeed())
}

var _ = Describe("The end state is right", func() {
	// Each change is made on an Ambassador that runs, by an operator that dies after so many writes.
	changes := map[string]struct {
		before func(namespace string) *v1alpha1.Ambassador
		edit   func(a *v1alpha1.Ambassador)
		writes int32
	}{
		"a Deployment is created":              {nil, nil, 3},
		"a Deployment rolls to another Secret": {movies, func(a *v1alpha1.Ambassador) { a.Spec.Secret.Name = "other" }, 3},
		"a Pod is replaced":                    {job, func(a *v1alpha1.Ambassador) { a.Spec.Secret.Name = "other" }, 6},
		"a Deployment becomes a Pod": {movies, func(a *v1alpha1.Ambassador) {
			a.Spec.Workload.Kind, a.Spec.Workload.Replicas = v1alpha1.PodWorkload, nil
		}, 4},
		"replicas are left to others": {movies, func(a *v1alpha1.Ambassador) { a.Spec.Workload.Replicas = nil }, 3},
	}
	for name, c := range changes {
		for writes := range c.writes {
			It(fmt.Sprintf("when %s and the operator is killed after write %d", name, writes), func(ctx SpecContext) {
				namespace := newNamespace(ctx)
				a := movies(namespace)
				if c.before != nil {
					a = c.before(namespace)
					create(ctx, a)
					first := startOperator(namespace, operatorOptions{})
					beRight(ctx, a)
					first.stop()
				}
				fault, dead := killedAfter(writes)
				dying := startOperator(namespace, operatorOptions{fault: fault})
				if c.edit == nil {
					create(ctx, a)
				} else {
					change(ctx, a, c.edit)
				}
				Eventually(dead.Load).Should(BeTrue(), "there are fewer writes than that: %s", dying.writes.All())
				dying.stop()

				startOperator(namespace, operatorOptions{})
				if a.Spec.Workload.Kind == v1alpha1.DeploymentWorkload {
					playRollOut(ctx, a)
				}
				beRight(ctx, a)
				if c.before != nil && a.Spec.Workload.Kind == v1alpha1.DeploymentWorkload {
					Expect(*deploymentNow(ctx, a).Spec.Replicas).To(BeEquivalentTo(2))
				}
			})
		}
	}

	It("with two operators at once", func(ctx SpecContext) {
		namespace := newNamespace(ctx)
		one, two := startOperator(namespace, operatorOptions{}), startOperator(namespace, operatorOptions{})
		for i := range 5 {
			a, b := movies(namespace), job(namespace)
			a.Name, b.Name = fmt.Sprintf("movies-%d", i), fmt.Sprintf("job-%d", i)
			create(ctx, a, b)
			beRight(ctx, a)
			change(ctx, b, func(b *v1alpha1.Ambassador) { b.Spec.Workload.Template.Spec.Containers[0].Image = "app:2" })
			beRight(ctx, b)
		}

		count := func() int { return len(one.writes.All()) + len(two.writes.All()) }
		last := -1
		Eventually(func() bool {
			still := count() == last
			last = count()
			return still
		}).WithPolling(3*time.Second).Should(BeTrue(), "they undo each other's work: %s, %s", one.writes.All(), two.writes.All())
	})

	for name, fault := range map[string]error{
		"409": apierrors.NewConflict(schema.GroupResource{Resource: "things"}, "x", errors.New("the object has been modified")),
		"429": apierrors.NewTooManyRequests("slow down", 1),
		"500": apierrors.NewInternalError(errors.New("etcd is away")),
		"503": apierrors.NewServiceUnavailable("starting"),
	} {
		It("when the API server answers the first tries of each kind of write with "+name, func(ctx SpecContext) {
			a := job(newNamespace(ctx))
			startOperator(a.Namespace, operatorOptions{fault: firstTries(3, fault)})
			create(ctx, a)
			beRight(ctx, a)
			change(ctx, a, func(a *v1alpha1.Ambassador) { a.Spec.Secret.Name = "other" })
			beRight(ctx, a)
		})
	}

	It("and the condition says so while the API server fails", func(ctx SpecContext) {
		var broken atomic.Bool
		broken.Store(true)
		a := movies(newNamespace(ctx))
		startOperator(a.Namespace, operatorOptions{fault: func(write string) error {
			if broken.Load() && write != "status" {
				return apierrors.NewInternalError(errors.New(`failed calling webhook "gate.example.com"`))
			}
			return nil
		}})
		create(ctx, a)
		Eventually(condition(ctx, a, v1alpha1.ConditionAccepted)).Should(be("Unknown", v1alpha1.ReasonApplyFailed, `failed calling webhook "gate.example.com"`))
		Expect(condition(ctx, a, v1alpha1.ConditionReconciling)(Default)).To(be("True", v1alpha1.ReasonApplyFailed))
		broken.Store(false)
		beRight(ctx, a)
	})
})

func deploymentNow(ctx SpecContext, a *v1alpha1.Ambassador) *appsv1.Deployment {
	GinkgoHelper()
	deployment := deploymentOf(a)
	Expect(kube.Get(ctx, client.ObjectKeyFromObject(a), deployment)).To(Succeed())
	return deployment
}

// playRollOut plays the Deployment's controller until the operator has applied what it wants.
func playRollOut(ctx SpecContext, a *v1alpha1.Ambassador) {
	GinkgoHelper()
	wanted, err := build.New(a, options)
	Expect(err).NotTo(HaveOccurred())
	Eventually(live(ctx, deploymentOf(a))).Should(HaveField("Annotations", HaveKeyWithValue(build.HashAnnotation, wanted.Deployment.Annotations[build.HashAnnotation])))
	rollOut(ctx, a)
}
