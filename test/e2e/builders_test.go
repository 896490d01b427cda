package e2e

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
)

// Keys that the stand-in accepts, in the order in which it numbers them.
const (
	firstKey  = "first-key-of-the-demo"
	secondKey = "second-key-of-the-demo"
)

// upstream is the stand-in as the cluster's Pods reach it.
const upstream = "http://tmdb.tmdb.svc.cluster.local/3"

// movieAmbassador is the Ambassador of the README, for the stand-in, with a
// main container that waits to be looked into.
func movieAmbassador(namespace, name string) *v1alpha1.Ambassador {
	return &v1alpha1.Ambassador{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: v1alpha1.AmbassadorSpec{
			Port:        8080,
			Upstream:    v1alpha1.Upstream{URL: upstream},
			Secret:      &v1alpha1.SecretReference{Name: "themoviedb"},
			Credentials: []v1alpha1.Credential{{Query: &v1alpha1.QueryCredential{Name: "api_key", Key: "apikey"}}},
			Routes:      []v1alpha1.Route{{Path: "/movies", UpstreamPath: "/discover/movie", Methods: []v1alpha1.Method{"GET"}}},
			Workload: &v1alpha1.Workload{
				Kind:     v1alpha1.DeploymentWorkload,
				Replicas: new(int32(1)),
				Template: restrictedTemplate("sleep infinity"),
			},
		},
	}
}

// jobLike has an Ambassador run its main container once, in a Pod.
func jobLike(a *v1alpha1.Ambassador, command string) *v1alpha1.Ambassador {
	a.Spec.Workload = &v1alpha1.Workload{Kind: v1alpha1.PodWorkload, Template: restrictedTemplate(command)}
	a.Spec.Workload.Template.Spec.RestartPolicy = corev1.RestartPolicyNever
	return a
}

// restrictedTemplate runs a shell command as restricted Pod Security wants it.
func restrictedTemplate(command string) corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{Spec: corev1.PodSpec{
		TerminationGracePeriodSeconds: new(int64(1)),
		SecurityContext: &corev1.PodSecurityContext{
			RunAsNonRoot:   new(true),
			RunAsUser:      new(int64(1000)),
			SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		},
		Containers: []corev1.Container{{
			Name:  "main",
			Image: "ambassador.local/curl:dev",
			Args:  []string{command},
			SecurityContext: &corev1.SecurityContext{
				AllowPrivilegeEscalation: new(false),
				Capabilities:             &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
			},
		}},
	}}
}

func movieSecret(namespace, key string) *corev1.Secret {
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "themoviedb"},
		StringData: map[string]string{"apikey": key},
	}
}

func create(ctx SpecContext, objects ...client.Object) {
	GinkgoHelper()
	for _, object := range objects {
		Expect(k8s.Create(ctx, object)).To(Succeed())
	}
}
