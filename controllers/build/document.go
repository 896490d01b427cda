package build

import (
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// Document returns what the sidecar serves for the Ambassador and those that it takes in, in this order. What is one for
// the whole sidecar, such as its log level, the first one decides. It is not validated: see [Check].
func Document(a *v1alpha1.Ambassador, guests ...*v1alpha1.Ambassador) *config.Document {
	document := &config.Document{Version: config.Version, Ambassadors: []config.Ambassador{ambassador(a)}}
	for _, guest := range guests {
		document.Ambassadors = append(document.Ambassadors, ambassador(guest))
	}
	if sidecar := a.Spec.Sidecar; sidecar != nil {
		document.LogLevel = config.LogLevel(strings.ToLower(string(sidecar.LogLevel)))
		document.AccessLog = accessLog(sidecar.AccessLog)
	}
	return document
}

func ambassador(a *v1alpha1.Ambassador) config.Ambassador {
	return config.Ambassador{
		Name:        a.Name,
		Port:        int(a.Spec.Port),
		Upstream:    upstream(&a.Spec),
		Credentials: credentials(&a.Spec),
		Routes:      routes(a.Spec.Routes),
		Policy:      policy(a.Spec.Policy),
	}
}

func accessLog(log v1alpha1.AccessLog) config.AccessLog {
	if log == v1alpha1.AccessLogNone {
		return config.AccessLogOff
	}
	return config.AccessLog(strings.ToLower(string(log)))
}

// plain returns the elements as strings; nil for none.
func plain[T ~string](in []T) []string {
	var out []string
	for _, text := range in {
		out = append(out, string(text))
	}
	return out
}

// plainMap returns the values as strings; nil for none.
func plainMap[T ~string](in map[string]T) map[string]string {
	if len(in) == 0 {
		return nil
	}
	out := make(map[string]string, len(in))
	for name, value := range in {
		out[name] = string(value)
	}
	return out
}

// duration returns zero, which takes the sidecar's default, for nil.
func duration(d *metav1.Duration) config.Duration {
	if d == nil {
		return 0
	}
	return config.Duration(d.Duration)
}
