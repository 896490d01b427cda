package build

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// configMapName names the ConfigMap for Pods that mount these Secrets and run this image. A document for other mounts or
// another image gets a ConfigMap of its own: Pods that still run, because a rollout takes its time or was refused, keep
// the document that fits them. Anything else in the document changes in place, and the sidecar reloads it.
func configMapName(a *v1alpha1.Ambassador, secrets []Secret, image string) string {
	var text strings.Builder
	text.WriteString(image)
	for _, secret := range secrets {
		fmt.Fprintf(&text, "\n%s: %q", secret.Name, secret.Keys)
	}
	return a.Name + "-ambassador-" + shortHash([]byte(text.String()))
}

func configMap(a *v1alpha1.Ambassador, name string, document *config.Document) (*corev1.ConfigMap, error) {
	text, err := document.Encode()
	if err != nil {
		return nil, err
	}
	if len(text) > config.MaxDocument {
		return nil, fmt.Errorf("spec: the sidecar's document has %d bytes; at most %d fit into a ConfigMap. Have it serve fewer Ambassadors or routes, or shorter programs",
			len(text), config.MaxDocument)
	}
	return &corev1.ConfigMap{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
		ObjectMeta: childMeta(a, name),
		Data:       map[string]string{ConfigKey: string(text)},
	}, nil
}

// Serves reports whether the sidecars that read the ConfigMap serve the Ambassador, and as it is now.
func Serves(configMap *corev1.ConfigMap, a *v1alpha1.Ambassador) bool {
	wanted, err := Document(a).Encode()
	if err != nil {
		return false
	}
	now := ambassadorsIn(wanted)
	return len(now) == 1 && slices.Contains(ambassadorsIn([]byte(configMap.Data[ConfigKey])), now[0])
}

// ambassadorsIn lists the Ambassadors of a document, each as JSON without white space; none where it is not one.
func ambassadorsIn(text []byte) []string {
	var document struct{ Ambassadors []json.RawMessage }
	if json.Unmarshal(text, &document) != nil {
		return nil
	}
	var all []string
	for _, one := range document.Ambassadors {
		var compact bytes.Buffer
		if json.Compact(&compact, one) == nil {
			all = append(all, compact.String())
		}
	}
	return all
}
