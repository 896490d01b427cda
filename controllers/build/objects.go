package build

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
)

// Options are what the operator adds to a resource.
type Options struct {
	// SidecarImage runs where the resource names no image of its own. Required.
	SidecarImage string
}

// Objects are an Ambassador's children. Exactly one of Deployment and Pod is set.
type Objects struct {
	ConfigMap  *corev1.ConfigMap
	Deployment *appsv1.Deployment
	Pod        *corev1.Pod
	// Secrets are what the sidecar mounts.
	Secrets []Secret
}

// List returns the children in the order in which they are to be created: what a Pod needs comes first.
func (o *Objects) List() []client.Object {
	return []client.Object{o.ConfigMap, o.Workload()}
}

// Workload returns the Deployment or the Pod.
func (o *Objects) Workload() client.Object {
	if o.Pod != nil {
		return o.Pod
	}
	return o.Deployment
}

// New builds the children of a resource, each with its hash. An error names the field of the spec, and nothing but
// another spec will help.
func New(a *v1alpha1.Ambassador, options Options) (*Objects, error) {
	document := Document(a)
	if err := document.Validate(); err != nil {
		return nil, errors.New(strings.ReplaceAll(err.Error(), "ambassadors[0].", "spec."))
	}
	objects := &Objects{Secrets: Secrets(document)}
	image := options.SidecarImage
	if a.Spec.Sidecar != nil {
		image = cmp.Or(a.Spec.Sidecar.Image, image)
	}
	name := configMapName(a, objects.Secrets, image)
	var err error
	if objects.ConfigMap, err = configMap(a, name, document); err != nil {
		return nil, err
	}
	pods := template(a, sidecar(a.Spec.Sidecar, image, objects.Secrets), sidecarVolumes(name, objects.Secrets))
	switch a.Spec.Workload.Kind {
	case v1alpha1.DeploymentWorkload:
		objects.Deployment = deployment(a, pods)
	case v1alpha1.PodWorkload:
		objects.Pod = pod(a, pods)
	default:
		return nil, fmt.Errorf("spec.workload.kind: %q is not one of Deployment, Pod", a.Spec.Workload.Kind)
	}
	return objects, setHashes(objects.List())
}
