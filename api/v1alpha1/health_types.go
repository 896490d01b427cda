package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Health says when one of the service's URLs is turned away from, and when it is returned to. It matters where there is
// failover.
type Health struct {
	// failures is how many calls in a row must fail (no connection, no answer, or 502, 503 or 504) for a URL to count as
	// failing; 1 to 100. Default: 3.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	Failures int32 `json:"failures,omitempty"`

	// retryAfter is how long a failing URL is left alone before one call tries it again; 1s to 1h. Default: 10s.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,9}([.][0-9]{1,9})?(ms|s|m|h)){1,4}$') && duration(self) >= duration('1s') && duration(self) <= duration('1h')",message="not a duration of 1s to 1h; write a number with a unit, such as 10s or 1m"
	RetryAfter *metav1.Duration `json:"retryAfter,omitempty"`

	// probe asks a failing URL by itself whether it is back, with the credentials attached. Default: the next call does.
	// +optional
	Probe *Probe `json:"probe,omitempty"`
}

// Probe is a GET request that tells whether a URL works.
type Probe struct {
	// path is put under the URL's base path. It holds no capture.
	// +required
	// +kubebuilder:validation:XValidation:rule="!self.contains('{')",message="holds a capture; write the plain path, such as /health"
	Path RoutePath `json:"path,omitempty"`

	// statuses are the answers that say so, at most 16. Default: 2xx.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=16
	Statuses []StatusPattern `json:"statuses,omitempty"`

	// interval is the time between two probes; 1s to 1h. Default: 10s.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,9}([.][0-9]{1,9})?(ms|s|m|h)){1,4}$') && duration(self) >= duration('1s') && duration(self) <= duration('1h')",message="not a duration of 1s to 1h; write a number with a unit, such as 10s or 1m"
	Interval *metav1.Duration `json:"interval,omitempty"`

	// timeout bounds one probe; 1ms to 1m. Default: 5s.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,9}([.][0-9]{1,9})?(ms|s|m|h)){1,4}$') && duration(self) >= duration('1ms') && duration(self) <= duration('1m')",message="not a duration of 1ms to 1m; write a number with a unit, such as 5s or 500ms"
	Timeout *metav1.Duration `json:"timeout,omitempty"`
}

// StatusPattern is a status (RFC 9110, section 15), a class of them, or a range with both its ends.
//
// Valid: "404", "4xx", "200-204". Invalid: "4XX", "600", "204-200", "any".
//
// +kubebuilder:validation:MinLength=3
// +kubebuilder:validation:MaxLength=7
// +kubebuilder:validation:XValidation:rule="self.matches('^[1-5](xx|[0-9]{2}(-[1-5][0-9]{2})?)$') && (self.size() < 7 || self.substring(0, 3) <= self.substring(4))",message="not a status of 100 to 599; write one such as 404, 4xx or 200-204"
type StatusPattern string
