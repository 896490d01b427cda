package build

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
)

// sidecar is the container that goes first in the Pod: a native sidecar, so that it starts before the template's
// containers, stops after them and does not keep a Pod from ending.
func sidecar(spec *v1alpha1.Sidecar, image string, secrets []Secret) corev1.Container {
	resources := sidecarResources(spec)
	return corev1.Container{
		Name:  v1alpha1.SidecarName,
		Image: image,
		Args: []string{
			"--config=" + configDirectory + "/" + ConfigKey,
			"--credentials=" + credentialsDirectory,
			fmt.Sprintf("--admin=:%d", v1alpha1.AdminPort),
		},
		Env:           memoryLimit(resources),
		Ports:         []corev1.ContainerPort{{Name: "ambassador", ContainerPort: v1alpha1.AdminPort, Protocol: corev1.ProtocolTCP}},
		Resources:     resources,
		RestartPolicy: new(corev1.ContainerRestartPolicyAlways),
		VolumeMounts:  sidecarMounts(secrets),
		// The start of the template's containers waits for this one, so it is asked often.
		StartupProbe:             probe("/healthz", 1, 60),
		ReadinessProbe:           probe("/readyz", 5, 1),
		LivenessProbe:            probe("/healthz", 10, 6),
		TerminationMessagePolicy: corev1.TerminationMessageFallbackToLogsOnError,
		SecurityContext: &corev1.SecurityContext{
			AllowPrivilegeEscalation: new(false),
			Capabilities:             &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
			ReadOnlyRootFilesystem:   new(true),
			RunAsGroup:               new(SidecarUser),
			RunAsNonRoot:             new(true),
			RunAsUser:                new(SidecarUser),
			SeccompProfile:           &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		},
	}
}

func sidecarResources(spec *v1alpha1.Sidecar) corev1.ResourceRequirements {
	if spec != nil && spec.Resources != nil {
		return *spec.Resources.DeepCopy()
	}
	return corev1.ResourceRequirements{
		Requests: corev1.ResourceList{
			corev1.ResourceCPU:    resource.MustParse("10m"),
			corev1.ResourceMemory: resource.MustParse("16Mi"),
		},
		Limits: corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("64Mi")},
	}
}

// memoryLimit has the garbage collector work harder before the limit is reached; an eighth stays for what it does not see.
func memoryLimit(resources corev1.ResourceRequirements) []corev1.EnvVar {
	limit := resources.Limits.Memory().Value()
	if limit == 0 {
		return nil
	}
	return []corev1.EnvVar{{Name: "GOMEMLIMIT", Value: fmt.Sprint(limit / 8 * 7)}}
}

func probe(path string, period, failures int32) *corev1.Probe {
	return &corev1.Probe{
		ProbeHandler: corev1.ProbeHandler{
			HTTPGet: &corev1.HTTPGetAction{Path: path, Port: intstr.FromInt32(v1alpha1.AdminPort), Scheme: corev1.URISchemeHTTP},
		},
		PeriodSeconds:    period,
		TimeoutSeconds:   5,
		SuccessThreshold: 1,
		FailureThreshold: failures,
	}
}

func sidecarMounts(secrets []Secret) []corev1.VolumeMount {
	mounts := []corev1.VolumeMount{{Name: configVolume, MountPath: configDirectory, ReadOnly: true}}
	for i, secret := range secrets {
		mounts = append(mounts, corev1.VolumeMount{Name: secretVolume(i), MountPath: credentialsDirectory + "/" + secret.Name, ReadOnly: true})
	}
	return mounts
}

func secretVolume(i int) string { return fmt.Sprint(secretVolumePrefix, i) }

// sidecarVolumes hold the document and the Secrets' keys. Secrets are optional, so that the Pod starts without them and
// heals when they come.
func sidecarVolumes(configMap string, secrets []Secret) []corev1.Volume {
	volumes := []corev1.Volume{{
		Name: configVolume,
		VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: configMap},
		}},
	}}
	for i, secret := range secrets {
		source := &corev1.SecretVolumeSource{SecretName: secret.Name, Optional: new(true)}
		for _, key := range secret.Keys {
			source.Items = append(source.Items, corev1.KeyToPath{Key: key, Path: key})
		}
		volumes = append(volumes, corev1.Volume{Name: secretVolume(i), VolumeSource: corev1.VolumeSource{Secret: source}})
	}
	return volumes
}

// ConfigVolume returns the volume among a Pod's that holds the sidecar's document, alone; none where the Pod has no sidecar.
func ConfigVolume(volumes []corev1.Volume) []corev1.Volume {
	for i := range volumes {
		if volumes[i].Name == configVolume && volumes[i].ConfigMap != nil {
			return []corev1.Volume{volumes[i]}
		}
	}
	return nil
}
