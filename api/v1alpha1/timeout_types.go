package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Timeouts bound the parts of a call. Each is 1ms to 24h.
type Timeouts struct {
	// connect bounds name resolution, TCP and TLS together. Default: 5s.
	// +optional
	// +default="5s"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,9}([.][0-9]{1,9})?(ms|s|m|h)){1,4}$') && duration(self) >= duration('1ms') && duration(self) <= duration('24h')",message="not a duration of 1ms to 24h; write a number with a unit, such as 5s or 500ms"
	Connect *metav1.Duration `json:"connect,omitempty"`

	// response bounds the wait from the request's last byte to the head of the answer. Default: 60s.
	// +optional
	// +default="60s"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,9}([.][0-9]{1,9})?(ms|s|m|h)){1,4}$') && duration(self) >= duration('1ms') && duration(self) <= duration('24h')",message="not a duration of 1ms to 24h; write a number with a unit, such as 60s or 2m"
	Response *metav1.Duration `json:"response,omitempty"`

	// idle bounds the gap between two pieces of a body, in either direction. Default: 5m.
	// +optional
	// +default="5m"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,9}([.][0-9]{1,9})?(ms|s|m|h)){1,4}$') && duration(self) >= duration('1ms') && duration(self) <= duration('24h')",message="not a duration of 1ms to 24h; write a number with a unit, such as 5m or 1h"
	Idle *metav1.Duration `json:"idle,omitempty"`

	// call bounds the whole call, from the request's head to the answer's last byte, with waits and retries; a request that
	// takes longer is answered 504. Default: no bound.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,9}([.][0-9]{1,9})?(ms|s|m|h)){1,4}$') && duration(self) >= duration('1ms') && duration(self) <= duration('24h')",message="not a duration of 1ms to 24h; write a number with a unit, such as 30s or 2m"
	Call *metav1.Duration `json:"call,omitempty"`

	// deadlineHeader names a request header in which the workload may say how long a call may take: seconds such as "2.5",
	// or a duration such as "1500ms". It shortens call and never lengthens it; it is not passed on. Default: none.
	// +optional
	DeadlineHeader EditableHeader `json:"deadlineHeader,omitempty"`
}

// RouteTimeouts replace the upstream's timeouts for one route, one by one. Each is 1ms to 24h.
type RouteTimeouts struct {
	// connect bounds name resolution, TCP and TLS together. Default: the upstream's.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,9}([.][0-9]{1,9})?(ms|s|m|h)){1,4}$') && duration(self) >= duration('1ms') && duration(self) <= duration('24h')",message="not a duration of 1ms to 24h; write a number with a unit, such as 5s or 500ms"
	Connect *metav1.Duration `json:"connect,omitempty"`

	// response bounds the wait from the request's last byte to the head of the answer. Default: the upstream's.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,9}([.][0-9]{1,9})?(ms|s|m|h)){1,4}$') && duration(self) >= duration('1ms') && duration(self) <= duration('24h')",message="not a duration of 1ms to 24h; write a number with a unit, such as 60s or 2m"
	Response *metav1.Duration `json:"response,omitempty"`

	// idle bounds the gap between two pieces of a body, in either direction. Default: the upstream's.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,9}([.][0-9]{1,9})?(ms|s|m|h)){1,4}$') && duration(self) >= duration('1ms') && duration(self) <= duration('24h')",message="not a duration of 1ms to 24h; write a number with a unit, such as 5m or 1h"
	Idle *metav1.Duration `json:"idle,omitempty"`

	// call bounds the whole call, with waits and retries. Default: the upstream's.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,9}([.][0-9]{1,9})?(ms|s|m|h)){1,4}$') && duration(self) >= duration('1ms') && duration(self) <= duration('24h')",message="not a duration of 1ms to 24h; write a number with a unit, such as 30s or 2m"
	Call *metav1.Duration `json:"call,omitempty"`

	// deadlineHeader names a request header in which the workload may say how long a call may take. Default: the upstream's.
	// +optional
	DeadlineHeader EditableHeader `json:"deadlineHeader,omitempty"`
}
