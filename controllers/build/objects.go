package build

import (
	"cmp"

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

// Objects are an Ambassador's children: a ConfigMap, and a Deployment or a Pod. All are nil where it has no workload.
type Objects struct {
	ConfigMap  *corev1.ConfigMap
	Deployment *appsv1.Deployment
	Pod        *corev1.Pod
	// Secrets are what the sidecar mounts.
	Secrets []Secret
}

// List returns the children in the order in which they are to be created: what a Pod needs comes first.
func (o *Objects) List() []client.Object {
	switch {
	case o.Pod != nil:
		return []client.Object{o.ConfigMap, o.Pod}
	case o.Deployment != nil:
		return []client.Object{o.ConfigMap, o.Deployment}
	default:
		return nil
	}
}

// New builds the children of a resource, each with its hash. Its sidecar serves the guests too. All of them must be sound by
// themselves and together: see [Check] and [CheckTogether].
func New(a *v1alpha1.Ambassador, options Options, guests ...*v1alpha1.Ambassador) (*Objects, error) {
	if a.Spec.Workload == nil {
		return &Objects{}, nil
	}
	document := Document(a, guests...)
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
	pods := template(a, guests, sidecar(a.Spec.Sidecar, image, objects.Secrets), sidecarVolumes(name, objects.Secrets))
	if a.Spec.Workload.Kind == v1alpha1.PodWorkload {
		objects.Pod = pod(a, pods)
	} else {
		objects.Deployment = deployment(a, pods)
	}
	return objects, setHashes(objects.List())
}
