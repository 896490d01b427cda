package build

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
)

// template is the resource's template with the sidecar put first. Of its metadata only labels and annotations go on.
func template(a *v1alpha1.Ambassador, guests []*v1alpha1.Ambassador, sidecar corev1.Container, volumes []corev1.Volume) corev1.PodTemplateSpec {
	in := a.Spec.Workload.Template.DeepCopy()
	if in.Labels == nil {
		in.Labels = map[string]string{}
	}
	in.Labels[AmbassadorLabel] = a.Name
	spec := in.Spec
	env := environment(a, guests)
	setEnvironment(spec.InitContainers, env)
	setEnvironment(spec.Containers, env)
	spec.InitContainers = slices.Insert(spec.InitContainers, 0, sidecar)
	spec.Volumes = append(spec.Volumes, volumes...)
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: in.Labels, Annotations: in.Annotations},
		Spec:       spec,
	}
}

// environment lists the variables that all the Ambassadors of a Pod set. Of two with the same name the first holds.
func environment(a *v1alpha1.Ambassador, guests []*v1alpha1.Ambassador) []v1alpha1.EnvVar {
	var all []v1alpha1.EnvVar
	for _, one := range slices.Concat([]*v1alpha1.Ambassador{a}, guests) {
		if one.Spec.Sidecar == nil {
			continue
		}
		for _, variable := range one.Spec.Sidecar.Env {
			if !slices.ContainsFunc(all, func(other v1alpha1.EnvVar) bool { return other.Name == variable.Name }) {
				all = append(all, variable)
			}
		}
	}
	return all
}

// setEnvironment puts the variables in front of each container's own, so that its own may refer to them, and leaves out
// those that a container sets itself.
func setEnvironment(containers []corev1.Container, env []v1alpha1.EnvVar) {
	for i := range containers {
		container := &containers[i]
		var added []corev1.EnvVar
		for _, variable := range env {
			sameName := func(own corev1.EnvVar) bool { return own.Name == variable.Name }
			if !slices.ContainsFunc(container.Env, sameName) {
				added = append(added, corev1.EnvVar{Name: variable.Name, Value: variable.Value})
			}
		}
		container.Env = append(added, container.Env...)
	}
}
