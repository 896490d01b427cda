package drift_test

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/ambassador-operator/ambassador-operator/controllers/drift"
)

func desired() *appsv1.Deployment {
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "movies", Labels: map[string]string{"app": "movies"}},
		Spec: appsv1.DeploymentSpec{Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{
			Tolerations: []corev1.Toleration{{Key: "spot", Operator: corev1.TolerationOpExists}},
			Containers: []corev1.Container{{
				Name:  "main",
				Image: "app:1",
				Args:  []string{"--verbose"},
				Env:   []corev1.EnvVar{{Name: "A", Value: "1"}},
				Ports: []corev1.ContainerPort{{ContainerPort: 53, Protocol: corev1.ProtocolUDP}},
				Resources: corev1.ResourceRequirements{
					Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("0.5")},
				},
				ReadinessProbe: &corev1.Probe{ProbeHandler: corev1.ProbeHandler{
					TCPSocket: &corev1.TCPSocketAction{Port: intstr.FromInt32(53)},
				}},
			}},
		}}},
	}
}

func TestFind(t *testing.T) {
	main := func(d *appsv1.Deployment) *corev1.Container { return &d.Spec.Template.Spec.Containers[0] }
	tests := []struct {
		name string
		edit func(live *appsv1.Deployment)
		want string
	}{
		{"nothing changed", func(*appsv1.Deployment) {}, ""},
		{"defaults and foreign fields are not drift", func(d *appsv1.Deployment) {
			d.Annotations = map[string]string{"deployment.kubernetes.io/revision": "3"}
			d.Labels["team"] = "a"
			d.Spec.Replicas = new(int32(7))
			d.Spec.Template.Annotations = map[string]string{"kubectl.kubernetes.io/restartedAt": "now"}
			d.Spec.Template.Spec.RestartPolicy = corev1.RestartPolicyAlways
			main(d).TerminationMessagePath = "/dev/termination-log"
		}, ""},
		{"an injected container before ours is not drift", func(d *appsv1.Deployment) {
			d.Spec.Template.Spec.Containers = append([]corev1.Container{{Name: "mesh"}}, d.Spec.Template.Spec.Containers...)
		}, ""},
		{"another environment variable is not drift", func(d *appsv1.Deployment) {
			main(d).Env = append(main(d).Env, corev1.EnvVar{Name: "B", Value: "2"})
		}, ""},
		{"the same port by another protocol is not drift", func(d *appsv1.Deployment) {
			main(d).Ports = append([]corev1.ContainerPort{{ContainerPort: 53, Protocol: corev1.ProtocolTCP}}, main(d).Ports...)
		}, ""},
		{"a quantity in other words is the same", func(d *appsv1.Deployment) {
			main(d).Resources.Requests[corev1.ResourceCPU] = resource.MustParse("500m")
		}, ""},
		{"another quantity", func(d *appsv1.Deployment) {
			main(d).Resources.Requests[corev1.ResourceCPU] = resource.MustParse("600m")
		}, "spec.template.spec.containers[main].resources.requests[cpu]"},
		{"another image", func(d *appsv1.Deployment) { main(d).Image = "app:2" }, "spec.template.spec.containers[main].image"},
		{"a label that went", func(d *appsv1.Deployment) { delete(d.Labels, "app") }, "metadata.labels[app]"},
		{"an argument more", func(d *appsv1.Deployment) { main(d).Args = append(main(d).Args, "-x") }, "spec.template.spec.containers[main].args"},
		{"a toleration more in a list with one owner", func(d *appsv1.Deployment) {
			d.Spec.Template.Spec.Tolerations = append(d.Spec.Template.Spec.Tolerations, corev1.Toleration{Key: "x"})
		}, "spec.template.spec.tolerations"},
		{"a container that went", func(d *appsv1.Deployment) { d.Spec.Template.Spec.Containers = nil }, "spec.template.spec.containers[main]"},
		{"a probe that went", func(d *appsv1.Deployment) { main(d).ReadinessProbe = nil }, "spec.template.spec.containers[main].readinessProbe"},
		{"a probe's port", func(d *appsv1.Deployment) { main(d).ReadinessProbe.TCPSocket.Port = intstr.FromInt32(54) },
			"spec.template.spec.containers[main].readinessProbe.tcpSocket.port"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			live := desired()
			test.edit(live)
			if got := drift.Find(desired(), live); got != test.want {
				t.Errorf("Find = %q, want %q", got, test.want)
			}
		})
	}
}

func BenchmarkFind(b *testing.B) {
	want, live := desired(), desired()
	for b.Loop() {
		if path := drift.Find(want, live); path != "" {
			b.Fatal(path)
		}
	}
}
