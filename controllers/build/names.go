package build

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

const (
	// AmbassadorLabel is on every child and every Pod of an Ambassador; its value is the Ambassador's name. Nothing
	// without it is watched.
	AmbassadorLabel = "ambassador-operator.io/ambassador"
	// AmbassadorsAnnotation is on the template of a workload and names further Ambassadors of its namespace, separated by
	// commas, that the sidecar of the template serves too.
	AmbassadorsAnnotation = "ambassador-operator.io/ambassadors"
	// ManagedByLabel is Kubernetes' recommended label; its value on children is [FieldOwner].
	ManagedByLabel = "app.kubernetes.io/managed-by"
	// HashAnnotation is on every child: a hash of all that was applied. A child whose hash differs is applied again, and
	// a Pod workload is replaced.
	HashAnnotation = "ambassador-operator.io/applied-hash"
	// FieldOwner is the one field owner under which children are applied.
	FieldOwner = "ambassador-operator"

	// ConfigKey is the key of the ConfigMap, and the file, that hold the sidecar's document.
	ConfigKey = "ambassador.json"
)

// The sidecar's file system and user.
const (
	configDirectory      = "/etc/ambassador/config"
	credentialsDirectory = "/etc/ambassador/credentials"
	configVolume         = "ambassador-config"
	secretVolumePrefix   = "ambassador-secret-"

	// SidecarUser is the user and group id under which the sidecar runs.
	SidecarUser int64 = 65532
)

// IsReservedVolume reports whether a volume of that name is the sidecar's: a template can neither define nor mount one.
func IsReservedVolume(name string) bool {
	return name == configVolume || len(name) >= len(secretVolumePrefix) && name[:len(secretVolumePrefix)] == secretVolumePrefix
}

// PodLabels select the Pods of the named Ambassador, and no others in its namespace.
func PodLabels(ambassador string) map[string]string {
	return map[string]string{AmbassadorLabel: ambassador}
}

// Selector is [PodLabels] as a string, in the form that autoscalers read.
func Selector(ambassador string) string {
	return labels.SelectorFromSet(PodLabels(ambassador)).String()
}

func childMeta(a *v1alpha1.Ambassador, name string) metav1.ObjectMeta {
	meta := metav1.ObjectMeta{
		Name:      name,
		Namespace: a.Namespace,
		Labels:    map[string]string{AmbassadorLabel: a.Name, ManagedByLabel: FieldOwner},
	}
	if a.UID != "" {
		meta.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(a, v1alpha1.GroupVersion.WithKind("Ambassador"))}
	}
	return meta
}

// shortHash is 10 hexadecimal digits that tell texts apart.
func shortHash(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:5])
}
