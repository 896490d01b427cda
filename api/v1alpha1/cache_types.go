package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Cache is a private cache (RFC 9111) in the sidecar's memory, and the rule for routes that have none of their own.
//
// +kubebuilder:validation:XValidation:rule="!has(self.maxEntryBytes) || self.maxEntryBytes <= (has(self.maxBytes) ? self.maxBytes : 8388608)",message="maxEntryBytes is more than all that is kept; write less, or more in maxBytes, whose default is 8388608",fieldPath=".maxEntryBytes"
type Cache struct {
	// maxBytes bounds all that is kept; 65536 to 1073741824. It counts towards the sidecar's memory: raise
	// sidecar.resources with it. Default: 8388608, 8 MiB.
	// +optional
	// +kubebuilder:validation:Minimum=65536
	// +kubebuilder:validation:Maximum=1073741824
	MaxBytes int64 `json:"maxBytes,omitempty"`

	// maxEntryBytes bounds the content of one answer; a longer one is passed on and not kept. 1 to maxBytes. Default:
	// 1048576, 1 MiB, or maxBytes where that is less.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1073741824
	MaxEntryBytes int64 `json:"maxEntryBytes,omitempty"`

	// rule holds for every route without one of its own. Default: those are not cached.
	// +optional
	Rule *CacheRule `json:"rule,omitempty"`
}

// CacheRule says how long answers are kept. An empty one keeps what the service says may be kept, as long as it says.
//
// +kubebuilder:validation:XValidation:rule="!has(self.disabled) || !self.disabled || !(has(self.defaultTTL) || has(self.overrideTTL) || has(self.staleWhileRevalidate) || has(self.staleIfError))",message="disabled keeps nothing; leave the other fields out, or leave disabled out",fieldPath=".disabled"
type CacheRule struct {
	// disabled keeps nothing of a route, whatever the policy says. Default: false.
	// +optional
	Disabled bool `json:"disabled,omitempty"`

	// defaultTTL is how long an answer is fresh that does not say so itself and sets no cookie; 1s to 8760h. Default: such an
	// answer is kept only to be asked about, where it has an ETag or Last-Modified.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,9}([.][0-9]{1,9})?(ms|s|m|h)){1,4}$') && duration(self) >= duration('1s') && duration(self) <= duration('8760h')",message="not a duration of 1s to 8760h; write a number with a unit, such as 5m or 24h"
	DefaultTTL *metav1.Duration `json:"defaultTTL,omitempty"`

	// overrideTTL is how long an answer to GET with status 200, 203, 204, 300, 301, 308, 404, 405, 410, 414 or 501 is
	// fresh, whatever it says itself, no-store included; 1s to 8760h. Default: what it says holds.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,9}([.][0-9]{1,9})?(ms|s|m|h)){1,4}$') && duration(self) >= duration('1s') && duration(self) <= duration('8760h')",message="not a duration of 1s to 8760h; write a number with a unit, such as 5m or 24h"
	OverrideTTL *metav1.Duration `json:"overrideTTL,omitempty"`

	// staleWhileRevalidate is how long after that an answer may be given while it is asked for anew (RFC 5861, section 3),
	// where the answer itself does not say; 1s to 8760h. Default: not at all.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,9}([.][0-9]{1,9})?(ms|s|m|h)){1,4}$') && duration(self) >= duration('1s') && duration(self) <= duration('8760h')",message="not a duration of 1s to 8760h; write a number with a unit, such as 30s or 5m"
	StaleWhileRevalidate *metav1.Duration `json:"staleWhileRevalidate,omitempty"`

	// staleIfError is how long after that an answer may be given where the service fails (RFC 5861, section 4), where the
	// answer itself does not say; 1s to 8760h. Default: not at all.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,9}([.][0-9]{1,9})?(ms|s|m|h)){1,4}$') && duration(self) >= duration('1s') && duration(self) <= duration('8760h')",message="not a duration of 1s to 8760h; write a number with a unit, such as 1h or 24h"
	StaleIfError *metav1.Duration `json:"staleIfError,omitempty"`
}
