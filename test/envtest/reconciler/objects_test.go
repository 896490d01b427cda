package reconciler_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
)

// movies is the design's example.
func movies(namespace string) *v1alpha1.Ambassador {
	return &v1alpha1.Ambassador{
		ObjectMeta: metav1.ObjectMeta{Name: "themoviedb", Namespace: namespace},
		Spec: v1alpha1.AmbassadorSpec{
			Port:        8080,
			Upstream:    v1alpha1.Upstream{URL: "https://api.themoviedb.org/3"},
			Secret:      &v1alpha1.SecretReference{Name: "themoviedb"},
			Credentials: []v1alpha1.Credential{{Query: &v1alpha1.QueryCredential{Name: "api_key", Key: "apikey"}}},
			Workload: &v1alpha1.Workload{
				Kind:     v1alpha1.DeploymentWorkload,
				Replicas: new(int32(2)),
				Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "app:1"}}}},
			},
		},
	}
}

// job is the same as a Pod that may end.
func job(namespace string) *v1alpha1.Ambassador {
	a := movies(namespace)
	a.Spec.Workload.Kind, a.Spec.Workload.Replicas = v1alpha1.PodWorkload, nil
	a.Spec.Workload.Template.Spec.RestartPolicy = corev1.RestartPolicyNever
	return a
}

func create(ctx context.Context, objects ...client.Object) {
	GinkgoHelper()
	for _, object := range objects {
		Expect(kube.Create(ctx, object)).To(Succeed())
	}
}

// change edits an object as it is now, as often as it takes.
func change[T client.Object](ctx context.Context, object T, edit func(T)) {
	GinkgoHelper()
	Eventually(func() error {
		if err := kube.Get(ctx, client.ObjectKeyFromObject(object), object); err != nil {
			return err
		}
		edit(object)
		return kube.Update(ctx, object)
	}).Should(Succeed())
}

// changeStatus plays a controller or a kubelet.
func changeStatus[T client.Object](ctx context.Context, object T, edit func(T)) {
	GinkgoHelper()
	Eventually(func() error {
		if err := kube.Get(ctx, client.ObjectKeyFromObject(object), object); err != nil {
			return err
		}
		edit(object)
		return kube.Status().Update(ctx, object)
	}).Should(Succeed())
}

func deploymentOf(a *v1alpha1.Ambassador) *appsv1.Deployment {
	return &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: a.Name, Namespace: a.Namespace}}
}

func podOf(a *v1alpha1.Ambassador) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: a.Name, Namespace: a.Namespace}}
}

func configMapOf(a *v1alpha1.Ambassador, guests ...*v1alpha1.Ambassador) *corev1.ConfigMap {
	GinkgoHelper()
	objects, err := build.New(a, options, guests...)
	Expect(err).NotTo(HaveOccurred())
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: objects.ConfigMap.Name, Namespace: a.Namespace}}
}

// live reads an object anew; nil while it does not exist.
func live[T client.Object](ctx context.Context, object T) func(Gomega) T {
	return func(g Gomega) T {
		var none T
		err := kube.Get(ctx, client.ObjectKeyFromObject(object), object)
		if apierrors.IsNotFound(err) {
			return none
		}
		g.Expect(err).NotTo(HaveOccurred())
		return object
	}
}

// exist waits for objects.
func exist(ctx context.Context, objects ...client.Object) {
	GinkgoHelper()
	for _, object := range objects {
		Eventually(func() error { return kube.Get(ctx, client.ObjectKeyFromObject(object), object) }).Should(Succeed())
	}
}

func beGone(ctx context.Context, object client.Object) {
	GinkgoHelper()
	Eventually(func() bool {
		return apierrors.IsNotFound(kube.Get(ctx, client.ObjectKeyFromObject(object), object))
	}).Should(BeTrue())
}

// condition reads one of an Ambassador's conditions, if it speaks of the newest generation.
func condition(ctx context.Context, a *v1alpha1.Ambassador, kind string) func(Gomega) *metav1.Condition {
	return func(g Gomega) *metav1.Condition {
		g.Expect(kube.Get(ctx, client.ObjectKeyFromObject(a), a)).To(Succeed())
		found := meta.FindStatusCondition(a.Status.Conditions, kind)
		if found == nil || found.ObservedGeneration != a.Generation {
			return nil
		}
		return found
	}
}

// be matches a condition by status and reason, and by words of its message.
func be(status metav1.ConditionStatus, reason string, words ...string) OmegaMatcher {
	matchers := []OmegaMatcher{Not(BeNil()), HaveField("Status", status), HaveField("Reason", reason)}
	for _, word := range words {
		matchers = append(matchers, HaveField("Message", ContainSubstring(word)))
	}
	return And(matchers...)
}

// kstatusOf is what deployment tools make of an Ambassador.
func kstatusOf(ctx context.Context, a *v1alpha1.Ambassador) func(Gomega) status.Status {
	return func(g Gomega) status.Status {
		object := &unstructured.Unstructured{}
		object.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("Ambassador"))
		g.Expect(kube.Get(ctx, client.ObjectKeyFromObject(a), object)).To(Succeed())
		result, err := status.Compute(object)
		g.Expect(err).NotTo(HaveOccurred())
		return result.Status
	}
}

// rollOut plays the Deployment's controller to the end.
func rollOut(ctx context.Context, a *v1alpha1.Ambassador) {
	GinkgoHelper()
	changeStatus(ctx, deploymentOf(a), func(d *appsv1.Deployment) {
		n := *d.Spec.Replicas
		d.Status = appsv1.DeploymentStatus{ObservedGeneration: d.Generation, Replicas: n, UpdatedReplicas: n, ReadyReplicas: n, AvailableReplicas: n}
	})
}

// runPod creates a Pod as a ReplicaSet would, and plays its kubelet.
func runPod(ctx context.Context, a *v1alpha1.Ambassador, name string, ready bool) *corev1.Pod {
	GinkgoHelper()
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: a.Namespace, Labels: build.PodLabels(a.Name)},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "app:1"}}},
	}
	create(ctx, pod)
	setSidecar(ctx, pod, ready)
	return pod
}

// setSidecar has a Pod run with its sidecar started.
func setSidecar(ctx context.Context, pod *corev1.Pod, ready bool) {
	GinkgoHelper()
	changeStatus(ctx, pod, func(p *corev1.Pod) {
		p.Status.Phase, p.Status.PodIP, p.Status.PodIPs = corev1.PodRunning, "10.1.2.3", []corev1.PodIP{{IP: "10.1.2.3"}}
		p.Status.InitContainerStatuses = []corev1.ContainerStatus{{Name: v1alpha1.SidecarName, Image: "x", Started: new(true), Ready: ready}}
		p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionFalse}}
		if ready {
			p.Status.Conditions[0].Status = corev1.ConditionTrue
		}
	})
}
