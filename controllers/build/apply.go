package build

import (
	"encoding/json"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	applyappsv1 "k8s.io/client-go/applyconfigurations/apps/v1"
	applycorev1 "k8s.io/client-go/applyconfigurations/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// ApplyConfiguration turns a child into what is sent to the API server: the fields that are set and no others.
func ApplyConfiguration(object client.Object) (runtime.ApplyConfiguration, error) {
	switch object := object.(type) {
	case *corev1.ConfigMap:
		return roundTrip(object, &applycorev1.ConfigMapApplyConfiguration{})
	case *appsv1.Deployment:
		out, err := roundTrip(object, &applyappsv1.DeploymentApplyConfiguration{})
		if err == nil {
			out.Status = nil
			out.Spec.Strategy = nil
		}
		return out, err
	case *corev1.Pod:
		out, err := roundTrip(object, &applycorev1.PodApplyConfiguration{})
		if err == nil {
			out.Status = nil
		}
		return out, err
	default:
		return nil, fmt.Errorf("no apply configuration for %T", object)
	}
}

// roundTrip goes through JSON, because an apply configuration has the fields of its type, each as a pointer.
func roundTrip[T any](in any, out *T) (*T, error) {
	text, err := json.Marshal(in)
	if err != nil {
		return nil, fmt.Errorf("encoding %T: %w", in, err)
	}
	if err := json.Unmarshal(text, out); err != nil {
		return nil, fmt.Errorf("decoding %T: %w", out, err)
	}
	return out, nil
}

// setHashes puts on each object the hash of the rest of it. The text that is hashed has its names sorted, so that neither
// map order nor the order of fields in a later version of Kubernetes' types moves the hash.
func setHashes(objects []client.Object) error {
	for _, object := range objects {
		applied, err := ApplyConfiguration(object)
		if err != nil {
			return err
		}
		fields, err := roundTrip(applied, &map[string]any{})
		if err != nil {
			return err
		}
		text, err := json.Marshal(fields)
		if err != nil {
			return fmt.Errorf("encoding %T: %w", object, err)
		}
		annotations := object.GetAnnotations()
		if annotations == nil {
			annotations = map[string]string{}
		}
		annotations[HashAnnotation] = shortHash(text)
		object.SetAnnotations(annotations)
	}
	return nil
}

// ResourceVersion returns the version in what the API server answered to an apply configuration of this package; "" before.
func ResourceVersion(applied runtime.ApplyConfiguration) string {
	var version *string
	switch applied := applied.(type) {
	case *applycorev1.ConfigMapApplyConfiguration:
		version = applied.ResourceVersion
	case *applyappsv1.DeploymentApplyConfiguration:
		version = applied.ResourceVersion
	case *applycorev1.PodApplyConfiguration:
		version = applied.ResourceVersion
	}
	if version == nil {
		return ""
	}
	return *version
}
