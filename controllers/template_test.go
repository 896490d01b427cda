package controllers

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
)

func withTemplate(edit func(*corev1.PodSpec)) *v1alpha1.Ambassador {
	a := &v1alpha1.Ambassador{}
	a.Name = "themoviedb"
	a.Spec.Port = 8080
	a.Spec.Upstream.URL = "https://api.themoviedb.org/3"
	a.Spec.Workload = &v1alpha1.Workload{Kind: v1alpha1.DeploymentWorkload}
	a.Spec.Workload.Template.Spec.Containers = []corev1.Container{{Name: "main", Image: "app:1"}}
	edit(&a.Spec.Workload.Template.Spec)
	return a
}

func httpOn(port intstr.IntOrString) *corev1.HTTPGetAction { return &corev1.HTTPGetAction{Port: port} }

func TestTemplatesThatAreRefused(t *testing.T) {
	main := func(spec *corev1.PodSpec) *corev1.Container { return &spec.Containers[0] }
	tests := []struct {
		name   string
		edit   func(*corev1.PodSpec)
		reason string // "" where the template is accepted
		field  string
	}{
		{"an ordinary template", func(*corev1.PodSpec) {}, "", ""},
		{"the node's network", func(s *corev1.PodSpec) { s.HostNetwork = true }, v1alpha1.ReasonHostNetwork, "spec.workload.template.spec.hostNetwork"},
		{"a container named ambassador", func(s *corev1.PodSpec) { main(s).Name = "ambassador" },
			v1alpha1.ReasonContainerNameTaken, "spec.workload.template.spec.containers[0].name"},
		{"an init container named ambassador", func(s *corev1.PodSpec) { s.InitContainers = []corev1.Container{{Name: "ambassador"}} },
			v1alpha1.ReasonContainerNameTaken, "spec.workload.template.spec.initContainers[0].name"},
		{"the Ambassador's port", func(s *corev1.PodSpec) {
			main(s).Ports = []corev1.ContainerPort{{ContainerPort: 80}, {ContainerPort: 8080}}
		},
			v1alpha1.ReasonPortTaken, "spec.workload.template.spec.containers[0].ports[1].containerPort"},
		{"the sidecar's port", func(s *corev1.PodSpec) { main(s).Ports = []corev1.ContainerPort{{ContainerPort: 15901}} },
			v1alpha1.ReasonPortTaken, "spec.workload.template.spec.containers[0].ports[0].containerPort"},
		{"a probe of the Ambassador's port", func(s *corev1.PodSpec) {
			main(s).LivenessProbe = &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: httpOn(intstr.FromInt32(8080))}}
		}, v1alpha1.ReasonPortTaken, "spec.workload.template.spec.containers[0].livenessProbe"},
		{"a TCP probe of it", func(s *corev1.PodSpec) {
			main(s).ReadinessProbe = &corev1.Probe{ProbeHandler: corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{Port: intstr.FromInt32(8080)}}}
		}, v1alpha1.ReasonPortTaken, "spec.workload.template.spec.containers[0].readinessProbe"},
		{"a gRPC probe of it", func(s *corev1.PodSpec) {
			main(s).StartupProbe = &corev1.Probe{ProbeHandler: corev1.ProbeHandler{GRPC: &corev1.GRPCAction{Port: 8080}}}
		}, v1alpha1.ReasonPortTaken, "spec.workload.template.spec.containers[0].startupProbe"},
		{"a hook on it", func(s *corev1.PodSpec) {
			main(s).Lifecycle = &corev1.Lifecycle{PreStop: &corev1.LifecycleHandler{HTTPGet: httpOn(intstr.FromInt32(8080))}}
		}, v1alpha1.ReasonPortTaken, "spec.workload.template.spec.containers[0].lifecycle.preStop"},
		{"a probe of a named port", func(s *corev1.PodSpec) {
			main(s).LivenessProbe = &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: httpOn(intstr.FromString("web"))}}
		}, "", ""},
		{"a probe of another host", func(s *corev1.PodSpec) {
			get := httpOn(intstr.FromInt32(8080))
			get.Host = "10.0.0.1"
			main(s).LivenessProbe = &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: get}}
		}, "", ""},
		{"a mount of the sidecar's volume", func(s *corev1.PodSpec) {
			main(s).VolumeMounts = []corev1.VolumeMount{{Name: "ambassador-secret-0", MountPath: "/x"}}
		}, v1alpha1.ReasonInvalidSpec, "spec.workload.template.spec.containers[0].volumeMounts[0].name"},
		{"a volume of the sidecar's name", func(s *corev1.PodSpec) { s.Volumes = []corev1.Volume{{Name: "ambassador-config"}} },
			v1alpha1.ReasonInvalidSpec, "spec.workload.template.spec.volumes[0].name"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, refused := decide(withTemplate(test.edit), nil, build.Options{SidecarImage: "x"}, isSound)
			switch {
			case test.reason == "" && refused != nil:
				t.Errorf("refused: %v", refused)
			case test.reason != "" && (refused == nil || refused.reason != test.reason || !strings.HasPrefix(refused.message, test.field+": ")):
				t.Errorf("refusal is %+v, want %s at %s", refused, test.reason, test.field)
			}
		})
	}
}
