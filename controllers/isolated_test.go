package controllers

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
)

func TestIsolated(t *testing.T) {
	main := func(spec *corev1.PodSpec) *corev1.Container { return &spec.Containers[0] }
	mounted := func(source corev1.VolumeSource) func(*corev1.PodSpec) {
		return func(s *corev1.PodSpec) {
			s.Volumes = []corev1.Volume{{Name: "v", VolumeSource: source}}
			main(s).VolumeMounts = []corev1.VolumeMount{{Name: "v", MountPath: "/v"}}
		}
	}
	user := build.SidecarUser
	tests := []struct {
		name   string
		edit   func(*corev1.PodSpec)
		reason string
	}{
		{"an ordinary template", func(*corev1.PodSpec) {}, v1alpha1.ReasonIsolated},
		{"another Secret mounted", mounted(corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "other"}}), v1alpha1.ReasonIsolated},
		{"the Secret mounted", mounted(corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "themoviedb"}}), v1alpha1.ReasonSecretMounted},
		{"the Secret in a volume that nobody mounts", func(s *corev1.PodSpec) {
			s.Volumes = []corev1.Volume{{Name: "v", VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "themoviedb"}}}}
		}, v1alpha1.ReasonIsolated},
		{"the Secret projected", mounted(corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{
			{Secret: &corev1.SecretProjection{LocalObjectReference: corev1.LocalObjectReference{Name: "themoviedb"}}},
		}}}), v1alpha1.ReasonSecretMounted},
		{"the node's files", mounted(corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/"}}), v1alpha1.ReasonHostNamespace},
		{"a variable from the Secret", func(s *corev1.PodSpec) {
			main(s).Env = []corev1.EnvVar{{Name: "KEY", ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{
				LocalObjectReference: corev1.LocalObjectReference{Name: "themoviedb"}, Key: "apikey",
			}}}}
		}, v1alpha1.ReasonSecretInEnvironment},
		{"all variables from the Secret, in an init container", func(s *corev1.PodSpec) {
			s.InitContainers = []corev1.Container{{Name: "init", EnvFrom: []corev1.EnvFromSource{
				{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "themoviedb"}}},
			}}}
		}, v1alpha1.ReasonSecretInEnvironment},
		{"a shared process namespace", func(s *corev1.PodSpec) { s.ShareProcessNamespace = new(true) }, v1alpha1.ReasonSharedProcessNamespace},
		{"a shared process namespace and the sidecar's user", func(s *corev1.PodSpec) {
			s.ShareProcessNamespace = new(true)
			s.SecurityContext = &corev1.PodSecurityContext{RunAsUser: &user}
		}, v1alpha1.ReasonSameUser},
		{"the sidecar's user alone", func(s *corev1.PodSpec) { main(s).SecurityContext = &corev1.SecurityContext{RunAsUser: &user} }, v1alpha1.ReasonIsolated},
		{"the node's processes", func(s *corev1.PodSpec) { s.HostPID = true }, v1alpha1.ReasonHostNamespace},
		{"the node's memory segments", func(s *corev1.PodSpec) { s.HostIPC = true }, v1alpha1.ReasonHostNamespace},
		{"a privileged container", func(s *corev1.PodSpec) { main(s).SecurityContext = &corev1.SecurityContext{Privileged: new(true)} }, v1alpha1.ReasonPrivileged},
		{"a container that may trace", func(s *corev1.PodSpec) {
			s.ShareProcessNamespace = new(true)
			main(s).SecurityContext = &corev1.SecurityContext{Capabilities: &corev1.Capabilities{Add: []corev1.Capability{"SYS_PTRACE"}}}
		}, v1alpha1.ReasonPrivileged},
	}
	secrets := []build.Secret{{Name: "themoviedb", Keys: []string{"apikey"}}}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := withTemplate(test.edit)
			if got := isolated(&observation{ambassador: a}, secrets); got.Reason != test.reason {
				t.Errorf("reason %s (%s), want %s", got.Reason, got.Message, test.reason)
			}
			if got := isolated(&observation{ambassador: a}, nil); got.Reason != v1alpha1.ReasonIsolated {
				t.Errorf("without a credential: %s", got.Reason)
			}
		})
	}
}

func TestIsolatedNamesEveryLeak(t *testing.T) {
	a := withTemplate(func(s *corev1.PodSpec) {
		s.HostPID = true
		s.Containers[0].SecurityContext = &corev1.SecurityContext{Privileged: new(true)}
	})
	got := isolated(&observation{ambassador: a}, []build.Secret{{Name: "themoviedb"}})
	for _, word := range []string{"container main is privileged", "hostPID"} {
		if !strings.Contains(got.Message, word) {
			t.Errorf("%q does not say %q", got.Message, word)
		}
	}
}
