package build

import (
	"maps"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
)

// pod is the template as a Pod of the Ambassador's name. The template's labels win over ours where both set one, except
// the label by which it is found.
func pod(a *v1alpha1.Ambassador, template corev1.PodTemplateSpec) *corev1.Pod {
	meta := childMeta(a, a.Name)
	maps.Copy(meta.Labels, template.Labels)
	meta.Annotations = template.Annotations
	return &corev1.Pod{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: meta,
		Spec:       template.Spec,
	}
}
