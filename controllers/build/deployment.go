package build

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
)

// deployment runs the template. Replicas stay unset where the resource gives none: they are an autoscaler's.
func deployment(a *v1alpha1.Ambassador, template corev1.PodTemplateSpec) *appsv1.Deployment {
	return &appsv1.Deployment{
		TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"},
		ObjectMeta: childMeta(a, a.Name),
		Spec: appsv1.DeploymentSpec{
			Replicas: a.Spec.Workload.Replicas,
			Selector: &metav1.LabelSelector{MatchLabels: PodLabels(a.Name)},
			Template: template,
		},
	}
}
