package controllers

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
)

// leak is one way in which a template lets a container reach a credential.
type leak struct{ reason, message string }

// isolated says whether the templates whose Pods serve an Ambassador keep its credentials, and those of its guests, in the
// sidecar. It judges what the Pods' specs say and nothing else: a service account that may read Secrets, or a fault in the
// kernel, it can not see.
func isolated(seen *observation, secrets []build.Secret) metav1.Condition {
	a := seen.ambassador
	condition := metav1.Condition{
		Type:    v1alpha1.ConditionIsolated,
		Status:  metav1.ConditionTrue,
		Reason:  v1alpha1.ReasonIsolated,
		Message: "Nothing in the Pod's spec lets another container reach a credential",
	}
	if a.Spec.Workload == nil && len(seen.hosts) == 0 {
		condition.Status, condition.Reason, condition.Message = metav1.ConditionUnknown, v1alpha1.ReasonNotServed, "There is no Pod's spec to judge"
	}
	leaks := allLeaks(seen, secrets)
	if len(secrets) == 0 || len(leaks) == 0 {
		return condition
	}
	var messages []string
	for _, leak := range leaks {
		messages = append(messages, leak.message)
	}
	condition.Status = metav1.ConditionFalse
	condition.Reason = leaks[0].reason
	condition.Message = clip(strings.Join(messages, "; "))
	return condition
}

// allLeaks lists those of the Ambassador's own template, and then those of its hosts', in which only its own Secrets matter.
func allLeaks(seen *observation, secrets []build.Secret) []leak {
	var leaks []leak
	if own := seen.ambassador.Spec.Workload; own != nil {
		leaks = leaksOf(&own.Template.Spec, secrets)
	}
	needed := build.Secrets(build.Document(seen.ambassador))
	for _, h := range seen.hosts {
		if len(needed) == 0 {
			break
		}
		for _, found := range leaksOf(&h.ambassador.Spec.Workload.Template.Spec, needed) {
			leaks = append(leaks, leak{found.reason, fmt.Sprintf("Ambassador %s: %s", h.ambassador.Name, found.message)})
		}
	}
	return leaks
}

// leaksOf lists the ways, the plainest first.
func leaksOf(spec *corev1.PodSpec, secrets []build.Secret) []leak {
	var leaks []leak
	used := func(name string) bool {
		return slices.ContainsFunc(secrets, func(s build.Secret) bool { return s.Name == name })
	}
	volumes := volumesThatHold(spec.Volumes, used)
	for _, c := range containersOf(spec) {
		leaks = append(leaks, mountLeaks(c, volumes)...)
		leaks = append(leaks, environmentLeaks(c, used)...)
	}
	for _, c := range containersOf(spec) {
		leaks = append(leaks, processLeaks(spec, c)...)
	}
	return append(leaks, namespaceLeaks(spec)...)
}

// volumesThatHold maps the names of the volumes with one of the Secrets in them to what they hold.
func volumesThatHold(volumes []corev1.Volume, used func(string) bool) map[string]leak {
	out := map[string]leak{}
	for i := range volumes {
		v := &volumes[i]
		if v.Secret != nil && used(v.Secret.SecretName) {
			out[v.Name] = leak{v1alpha1.ReasonSecretMounted, "mounts Secret " + v.Secret.SecretName}
		}
		if v.HostPath != nil {
			out[v.Name] = leak{v1alpha1.ReasonHostNamespace, "mounts the node's " + v.HostPath.Path}
		}
		if v.Projected == nil {
			continue
		}
		for _, source := range v.Projected.Sources {
			if source.Secret != nil && used(source.Secret.Name) {
				out[v.Name] = leak{v1alpha1.ReasonSecretMounted, "mounts Secret " + source.Secret.Name}
			}
		}
	}
	return out
}

func mountLeaks(c *corev1.Container, volumes map[string]leak) []leak {
	var leaks []leak
	for _, mount := range c.VolumeMounts {
		if found, holds := volumes[mount.Name]; holds {
			leaks = append(leaks, leak{found.reason, fmt.Sprintf("container %s %s; remove the mount", c.Name, found.message)})
		}
	}
	return leaks
}

func environmentLeaks(c *corev1.Container, used func(string) bool) []leak {
	var leaks []leak
	add := func(variable, secret string) {
		leaks = append(leaks, leak{v1alpha1.ReasonSecretInEnvironment,
			fmt.Sprintf("container %s has Secret %s in its environment (%s); remove it", c.Name, secret, variable)})
	}
	for _, variable := range c.Env {
		if from := variable.ValueFrom; from != nil && from.SecretKeyRef != nil && used(from.SecretKeyRef.Name) {
			add(variable.Name, from.SecretKeyRef.Name)
		}
	}
	for _, from := range c.EnvFrom {
		if from.SecretRef != nil && used(from.SecretRef.Name) {
			add("envFrom", from.SecretRef.Name)
		}
	}
	return leaks
}

// tracing are the capabilities that open another process's memory and files.
var tracing = []corev1.Capability{"ALL", "SYS_PTRACE", "SYS_ADMIN", "CAP_SYS_PTRACE", "CAP_SYS_ADMIN"}

func processLeaks(spec *corev1.PodSpec, c *corev1.Container) []leak {
	var leaks []leak
	security := c.SecurityContext
	if security != nil && security.Privileged != nil && *security.Privileged {
		leaks = append(leaks, leak{v1alpha1.ReasonPrivileged, fmt.Sprintf("container %s is privileged", c.Name)})
	}
	seesProcesses := spec.HostPID || spec.ShareProcessNamespace != nil && *spec.ShareProcessNamespace
	if security != nil && security.Capabilities != nil && seesProcesses {
		for _, capability := range security.Capabilities.Add {
			if slices.Contains(tracing, capability) {
				leaks = append(leaks, leak{v1alpha1.ReasonPrivileged, fmt.Sprintf("container %s has the capability %s", c.Name, capability)})
			}
		}
	}
	if user := userOf(spec, c); seesProcesses && user != nil && *user == build.SidecarUser {
		leaks = append(leaks, leak{v1alpha1.ReasonSameUser, fmt.Sprintf("container %s runs as user %d, the sidecar's, and sees its processes", c.Name, *user)})
	}
	return leaks
}

// userOf returns the user id that the spec gives the container; nil is the image's own, which only the node knows.
func userOf(spec *corev1.PodSpec, c *corev1.Container) *int64 {
	if c.SecurityContext != nil && c.SecurityContext.RunAsUser != nil {
		return c.SecurityContext.RunAsUser
	}
	if spec.SecurityContext != nil {
		return spec.SecurityContext.RunAsUser
	}
	return nil
}

func namespaceLeaks(spec *corev1.PodSpec) []leak {
	var leaks []leak
	if spec.ShareProcessNamespace != nil && *spec.ShareProcessNamespace {
		leaks = append(leaks, leak{v1alpha1.ReasonSharedProcessNamespace, "shareProcessNamespace shows the sidecar's processes to the other containers; leave it out"})
	}
	if spec.HostPID {
		leaks = append(leaks, leak{v1alpha1.ReasonHostNamespace, "hostPID shows the node's processes, the sidecar's among them; leave it out"})
	}
	if spec.HostIPC {
		leaks = append(leaks, leak{v1alpha1.ReasonHostNamespace, "hostIPC shares the node's memory segments; leave it out"})
	}
	return leaks
}
