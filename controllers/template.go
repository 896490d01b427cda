package controllers

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
)

// templateAt is where the template's Pod spec is in the resource.
const templateAt = "spec.workload.template.spec"

// checkTemplate refuses what a sidecar can not stand beside. The API server checks part of it at kubectl apply already;
// this holds for resources from before such a rule, and for what its expressions can not reach.
func checkTemplate(a *v1alpha1.Ambassador, guests []*v1alpha1.Ambassador) *refusal {
	if a.Spec.Workload == nil {
		return nil
	}
	spec := &a.Spec.Workload.Template.Spec
	if spec.HostNetwork {
		return refuse(v1alpha1.ReasonHostNetwork, templateAt+".hostNetwork",
			"true would open the sidecar's port, and with it the credential, to everything on the node; leave it out")
	}
	for i := range spec.Volumes {
		if name := spec.Volumes[i].Name; build.IsReservedVolume(name) {
			return refuse(v1alpha1.ReasonInvalidSpec, fmt.Sprintf("%s.volumes[%d].name", templateAt, i), "%q is a volume of the sidecar; choose another name", name)
		}
	}
	taken := portsOf(a, guests)
	for at, container := range containersOf(spec) {
		if refused := checkContainer(at, container, taken); refused != nil {
			return refused
		}
	}
	return nil
}

// containersOf yields every container of the template with its place in the resource.
func containersOf(spec *corev1.PodSpec) func(yield func(string, *corev1.Container) bool) {
	return func(yield func(string, *corev1.Container) bool) {
		for i := range spec.InitContainers {
			if !yield(fmt.Sprintf("%s.initContainers[%d]", templateAt, i), &spec.InitContainers[i]) {
				return
			}
		}
		for i := range spec.Containers {
			if !yield(fmt.Sprintf("%s.containers[%d]", templateAt, i), &spec.Containers[i]) {
				return
			}
		}
	}
}

// ports are those on which the sidecar listens, with what they are for in words that follow "listens".
type ports map[int32]string

func portsOf(a *v1alpha1.Ambassador, guests []*v1alpha1.Ambassador) ports {
	taken := ports{}
	for _, guest := range guests {
		taken[guest.Spec.Port] = " for Ambassador " + guest.Name
	}
	taken[a.Spec.Port] = ""
	taken[v1alpha1.AdminPort] = ""
	return taken
}

func checkContainer(at string, c *corev1.Container, taken ports) *refusal {
	if c.Name == v1alpha1.SidecarName {
		return refuse(v1alpha1.ReasonContainerNameTaken, at+".name", "%q is the sidecar's name; choose another", c.Name)
	}
	for i := range c.Ports {
		p := c.Ports[i].ContainerPort
		if whose, isTaken := taken[p]; isTaken {
			return refuse(v1alpha1.ReasonPortTaken, fmt.Sprintf("%s.ports[%d].containerPort", at, i),
				"container %s uses port %d, on which the sidecar listens%s; choose another, or another spec.port", c.Name, p, whose)
		}
	}
	for name, handler := range handlersOf(c) {
		p := portOf(handler)
		if _, isTaken := taken[p]; isTaken {
			return refuse(v1alpha1.ReasonPortTaken, at+"."+name,
				"container %s asks port %d, which is the sidecar's and answers on loopback only; ask a port of the container's own", c.Name, p)
		}
	}
	for i := range c.VolumeMounts {
		if name := c.VolumeMounts[i].Name; build.IsReservedVolume(name) {
			return refuse(v1alpha1.ReasonInvalidSpec, fmt.Sprintf("%s.volumeMounts[%d].name", at, i),
				"container %s mounts %q, a volume of the sidecar; leave it out", c.Name, name)
		}
	}
	return nil
}

// handlersOf yields what kubelet calls in a container: its probes and hooks, where it has them.
func handlersOf(c *corev1.Container) func(yield func(string, *corev1.ProbeHandler) bool) {
	handlers := []struct {
		name  string
		probe *corev1.Probe
	}{
		{"startupProbe", c.StartupProbe}, {"livenessProbe", c.LivenessProbe}, {"readinessProbe", c.ReadinessProbe},
		{"lifecycle.postStart", nil}, {"lifecycle.preStop", nil},
	}
	if c.Lifecycle != nil {
		handlers[3].probe = hookAsProbe(c.Lifecycle.PostStart)
		handlers[4].probe = hookAsProbe(c.Lifecycle.PreStop)
	}
	return func(yield func(string, *corev1.ProbeHandler) bool) {
		for _, handler := range handlers {
			if handler.probe != nil && !yield(handler.name, &handler.probe.ProbeHandler) {
				return
			}
		}
	}
}

func hookAsProbe(hook *corev1.LifecycleHandler) *corev1.Probe {
	if hook == nil {
		return nil
	}
	return &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: hook.HTTPGet, TCPSocket: hook.TCPSocket}}
}

// portOf returns the port that a handler calls on the Pod's own address; 0 where it calls none, another host, or a port by
// name, which can only be one of the container's own.
func portOf(handler *corev1.ProbeHandler) int32 {
	number := func(host string, port intstr.IntOrString) int32 {
		if host != "" || port.Type != intstr.Int {
			return 0
		}
		return port.IntVal
	}
	switch {
	case handler.HTTPGet != nil:
		return number(handler.HTTPGet.Host, handler.HTTPGet.Port)
	case handler.TCPSocket != nil:
		return number(handler.TCPSocket.Host, handler.TCPSocket.Port)
	case handler.GRPC != nil:
		return handler.GRPC.Port
	default:
		return 0
	}
}

func refuse(reason, field, format string, args ...any) *refusal {
	return &refusal{reason: reason, message: field + ": " + fmt.Sprintf(format, args...)}
}
