package api_test

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
)

// create makes an Ambassador with as little as there can be in it, after edit, and removes it when the test ends.
func create(ctx context.Context, edit func(*v1alpha1.AmbassadorSpec)) *v1alpha1.Ambassador {
	GinkgoHelper()
	ambassador := &v1alpha1.Ambassador{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "surface-"},
		Spec: v1alpha1.AmbassadorSpec{
			Port:     8080,
			Upstream: v1alpha1.Upstream{URL: "https://api.example.com/v1"},
			Workload: &v1alpha1.Workload{
				Kind:     v1alpha1.DeploymentWorkload,
				Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "ghcr.io/acme/app:1.4"}}}},
			},
		},
	}
	edit(&ambassador.Spec)
	Expect(kube.Create(within(ctx), ambassador)).To(Succeed())
	DeferCleanup(func(ctx SpecContext) { Expect(kube.Delete(ctx, ambassador)).To(Succeed()) })
	return ambassador
}

var _ = Describe("What the API server adds", func() {
	It("is nothing where nothing is asked for", func(ctx SpecContext) {
		spec := create(ctx, func(*v1alpha1.AmbassadorSpec) {}).Spec
		Expect(spec.Workload.Replicas).To(BeNil(), "the number of replicas is an autoscaler's then")
		Expect(spec.Upstream.DenyCIDRs).To(BeNil(), "the sidecar's own ranges apply then")
		Expect(spec.Sidecar).To(BeNil())
	})

	It("is the documented defaults", func(ctx SpecContext) {
		spec := create(ctx, func(spec *v1alpha1.AmbassadorSpec) {
			spec.Secret = &v1alpha1.SecretReference{Name: "example"}
			spec.Credentials = []v1alpha1.Credential{{Basic: &v1alpha1.BasicCredential{}}}
			spec.Routes = []v1alpha1.Route{{Path: "/movies"}}
			spec.Sidecar = &v1alpha1.Sidecar{}
			spec.Upstream.Timeouts = &v1alpha1.Timeouts{}
			spec.Upstream.TLS = &v1alpha1.UpstreamTLS{CA: &v1alpha1.CertificateAuthority{}, ClientCertificate: &v1alpha1.ClientCertificate{}}
		}).Spec
		Expect(*spec.Credentials[0].Basic).To(Equal(v1alpha1.BasicCredential{UsernameKey: "username", PasswordKey: "password"}))
		Expect(spec.Routes[0].Match).To(Equal(v1alpha1.MatchPrefix))
		Expect(*spec.Sidecar).To(Equal(v1alpha1.Sidecar{LogLevel: v1alpha1.LogInfo, AccessLog: v1alpha1.AccessLogErrors}))
		Expect(spec.Upstream.Timeouts.Connect.Duration).To(Equal(5 * time.Second))
		Expect(spec.Upstream.Timeouts.Response.Duration).To(Equal(time.Minute))
		Expect(spec.Upstream.Timeouts.Idle.Duration).To(Equal(5 * time.Minute))
		Expect(spec.Upstream.TLS.MinVersion).To(Equal(v1alpha1.TLS12))
		Expect(spec.Upstream.TLS.CA.Key).To(BeEquivalentTo("ca.crt"))
		Expect(*spec.Upstream.TLS.ClientCertificate).To(Equal(v1alpha1.ClientCertificate{CertificateKey: "tls.crt", PrivateKeyKey: "tls.key"}))
	})

	It("is nothing in a route, whose timeouts are the upstream's", func(ctx SpecContext) {
		spec := create(ctx, func(spec *v1alpha1.AmbassadorSpec) {
			spec.Routes = []v1alpha1.Route{{Path: "/movies", Timeouts: &v1alpha1.RouteTimeouts{Call: &metav1.Duration{Duration: time.Second}}}}
		}).Spec
		Expect(*spec.Routes[0].Timeouts).To(Equal(v1alpha1.RouteTimeouts{Call: &metav1.Duration{Duration: time.Second}}))
	})

	It("is no workload where there is none", func(ctx SpecContext) {
		spec := create(ctx, func(spec *v1alpha1.AmbassadorSpec) { spec.Workload = nil }).Spec
		Expect(spec.Workload).To(BeNil())
	})

	It("keeps an empty list of refused ranges apart from none", func(ctx SpecContext) {
		spec := create(ctx, func(spec *v1alpha1.AmbassadorSpec) { spec.Upstream.DenyCIDRs = []v1alpha1.CIDR{} }).Spec
		Expect(spec.Upstream.DenyCIDRs).To(And(Not(BeNil()), BeEmpty()))
	})

	It("takes fractions of a second, as they come back from Go programs", func(ctx SpecContext) {
		timeout := &metav1.Duration{Duration: 1500 * time.Millisecond}
		spec := create(ctx, func(spec *v1alpha1.AmbassadorSpec) { spec.Upstream.Timeouts = &v1alpha1.Timeouts{Connect: timeout} }).Spec
		Expect(spec.Upstream.Timeouts.Connect).To(Equal(timeout))
	})
})

var _ = Describe("What kubectl relies on", func() {
	It("has a short name, and is listed by kubectl get all", func() {
		resources, err := discovery.NewDiscoveryClientForConfigOrDie(server).ServerResourcesForGroupVersion(v1alpha1.GroupVersion.String())
		Expect(err).NotTo(HaveOccurred())
		Expect(resources.APIResources).To(ContainElement(And(
			HaveField("Name", "ambassadors"), HaveField("Namespaced", true),
			HaveField("ShortNames", ConsistOf("amb")), HaveField("Categories", ConsistOf("all")))))
	})

	It("shows what one asks first", func(ctx SpecContext) {
		ambassador := create(ctx, func(*v1alpha1.AmbassadorSpec) {})
		ambassador.Status.Replicas, ambassador.Status.ReadyReplicas = 3, 2
		meta.SetStatusCondition(&ambassador.Status.Conditions, metav1.Condition{
			Type: v1alpha1.ConditionReady, Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonProgressing, Message: "2 of 3 Pods are ready"})
		Expect(kube.Status().Update(within(ctx), ambassador)).To(Succeed())

		table := tableOf(ctx, ambassador.Name)
		var names []string
		for _, column := range table.ColumnDefinitions {
			names = append(names, column.Name)
		}
		Expect(names).To(Equal([]string{"Name", "Upstream", "Port", "Pods", "Available", "Ready", "Reason", "Age"}))
		Expect(table.Rows[0].Cells[:7]).To(HaveExactElements(ambassador.Name, "https://api.example.com/v1",
			BeEquivalentTo(8080), BeEquivalentTo(3), BeEquivalentTo(2), "False", "Progressing"))
	})

	It("scales", func(ctx SpecContext) {
		ambassador := create(ctx, func(spec *v1alpha1.AmbassadorSpec) { spec.Workload.Replicas = new(int32(1)) })
		ambassador.Status.Replicas, ambassador.Status.Selector = 1, "app=web"
		Expect(kube.Status().Update(within(ctx), ambassador)).To(Succeed())

		scale := new(autoscalingv1.Scale)
		Expect(kube.SubResource("scale").Get(within(ctx), ambassador, scale)).To(Succeed())
		Expect(scale.Spec.Replicas).To(BeEquivalentTo(1))
		Expect(scale.Status).To(Equal(autoscalingv1.ScaleStatus{Replicas: 1, Selector: "app=web"}))

		path := "/apis/" + v1alpha1.GroupVersion.String() + "/namespaces/default/ambassadors/" + ambassador.Name + "/scale"
		patch := []byte(`{"spec":{"replicas":4}}`)
		Expect(raw().Patch("application/merge-patch+json").AbsPath(path).Body(patch).Do(within(ctx)).Error()).To(Succeed())
		Expect(kube.Get(within(ctx), keyOf(ambassador), ambassador)).To(Succeed())
		Expect(ambassador.Spec.Workload.Replicas).To(HaveValue(BeEquivalentTo(4)))
	})

	It("scales nothing where there is no workload", func(ctx SpecContext) {
		ambassador := create(ctx, func(spec *v1alpha1.AmbassadorSpec) { spec.Workload = nil })
		path := "/apis/" + v1alpha1.GroupVersion.String() + "/namespaces/default/ambassadors/" + ambassador.Name + "/scale"
		Expect(raw().Patch("application/merge-patch+json").AbsPath(path).Body([]byte(`{"spec":{"replicas":4}}`)).Do(within(ctx)).Error()).To(HaveOccurred())
		Expect(kube.Get(within(ctx), keyOf(ambassador), ambassador)).To(Succeed())
		Expect(ambassador.Spec.Workload).To(BeNil())
	})

	It("scales no Pod", func(ctx SpecContext) {
		ambassador := create(ctx, func(spec *v1alpha1.AmbassadorSpec) { spec.Workload.Kind = v1alpha1.PodWorkload })
		path := "/apis/" + v1alpha1.GroupVersion.String() + "/namespaces/default/ambassadors/" + ambassador.Name + "/scale"
		err := raw().Patch("application/merge-patch+json").AbsPath(path).Body([]byte(`{"spec":{"replicas":4}}`)).Do(within(ctx)).Error()
		Expect(err).To(MatchError(ContainSubstring("a Pod has no replicas")))
	})
})

// raw is a client for what typed clients hide.
func raw() *rest.RESTClient {
	GinkgoHelper()
	config := rest.CopyConfig(server)
	config.NegotiatedSerializer = serializer.WithoutConversionCodecFactory{CodecFactory: scheme.Codecs}
	plain, err := rest.UnversionedRESTClientFor(config)
	Expect(err).NotTo(HaveOccurred())
	return plain
}

func tableOf(ctx context.Context, name string) *metav1.Table {
	GinkgoHelper()
	table := new(metav1.Table)
	path := "/apis/" + v1alpha1.GroupVersion.String() + "/namespaces/default/ambassadors/" + name
	Expect(raw().Get().AbsPath(path).SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io").
		Do(within(ctx)).Into(table)).To(Succeed())
	return table
}
