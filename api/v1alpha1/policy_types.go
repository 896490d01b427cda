package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Policy makes calls to a service bearable on bad days. It holds for one Ambassador in one Pod: all its routes, and all
// connections of the workload.
type Policy struct {
	// retry says when a request is sent again. Default: once, where connecting failed, so that nothing had been sent.
	// +optional
	Retry *Retry `json:"retry,omitempty"`

	// circuitBreaker spares a service that fails, by answering 503 in its place for a while. Default: none.
	// +optional
	CircuitBreaker *CircuitBreaker `json:"circuitBreaker,omitempty"`

	// rateLimit bounds how often the service is called, and leaves it alone after a 429. Default: it is not bounded.
	// +optional
	RateLimit *RateLimit `json:"rateLimit,omitempty"`

	// maxConcurrency bounds the calls that are in flight to the service; one more is answered 503. 1 to 512. Default: the
	// sidecar's own bound alone.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=512
	MaxConcurrency int32 `json:"maxConcurrency,omitempty"`

	// cache keeps answers. Default: only routes that have a rule of their own are cached.
	// +optional
	Cache *Cache `json:"cache,omitempty"`
}

// CircuitBreaker answers 503 itself while a service fails. A failure is a call without an answer, or one of 500 and above.
//
// +kubebuilder:validation:XValidation:rule="has(self.consecutiveFailures) != has(self.failureRate)",message="give exactly one of consecutiveFailures and failureRate, such as consecutiveFailures: 5"
// +kubebuilder:validation:XValidation:rule="has(self.failureRate) || !has(self.window)",message="window holds for failureRate alone; leave it out, or write failureRate in place of consecutiveFailures",fieldPath=".window"
// +kubebuilder:validation:XValidation:rule="has(self.failureRate) || !has(self.minRequests)",message="minRequests holds for failureRate alone; leave it out, or write failureRate in place of consecutiveFailures",fieldPath=".minRequests"
type CircuitBreaker struct {
	// consecutiveFailures opens it after so many failures in a row; 1 to 1000.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	ConsecutiveFailures int32 `json:"consecutiveFailures,omitempty"`

	// failureRate opens it when so many percent of the calls within window failed; 1 to 100.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	FailureRate int32 `json:"failureRate,omitempty"`

	// window is the time over which failureRate is taken; 1s to 1h. Default: 1m.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,9}([.][0-9]{1,9})?(ms|s|m|h)){1,4}$') && duration(self) >= duration('1s') && duration(self) <= duration('1h')",message="not a duration of 1s to 1h; write a number with a unit, such as 1m or 30s"
	Window *metav1.Duration `json:"window,omitempty"`

	// minRequests is how many calls window must hold for failureRate to count; 1 to 10000. Default: 10.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10000
	MinRequests int32 `json:"minRequests,omitempty"`

	// openFor is how long it stays open before it lets probes through; 100ms to 1h. Default: 30s.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,9}([.][0-9]{1,9})?(ms|s|m|h)){1,4}$') && duration(self) >= duration('100ms') && duration(self) <= duration('1h')",message="not a duration of 100ms to 1h; write a number with a unit, such as 30s or 2m"
	OpenFor *metav1.Duration `json:"openFor,omitempty"`

	// probes is how many calls it lets through then, all of which must succeed for it to close; 1 to 100. Default: 1.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	Probes int32 `json:"probes,omitempty"`
}

// RateLimit bounds how often a service is called, with a token bucket, and leaves it alone after a 429.
//
// +kubebuilder:validation:XValidation:rule="has(self.requests) || !has(self.per)",message="per holds for requests alone; write requests too, or leave it out",fieldPath=".per"
// +kubebuilder:validation:XValidation:rule="has(self.requests) || !has(self.burst)",message="burst holds for requests alone; write requests too, or leave it out",fieldPath=".burst"
// +kubebuilder:validation:XValidation:rule="!has(self.maxWait) || (has(self.onLimit) && self.onLimit == 'Wait')",message="maxWait holds for onLimit: Wait alone; write that too, or leave it out",fieldPath=".maxWait"
type RateLimit struct {
	// requests may be sent per time of per; 1 to 1000000. Default: no bound, and only maxCoolDown holds.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000000
	Requests int32 `json:"requests,omitempty"`

	// per is the time in which requests may be sent; 1ms to 24h. Default: 1s.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,9}([.][0-9]{1,9})?(ms|s|m|h)){1,4}$') && duration(self) >= duration('1ms') && duration(self) <= duration('24h')",message="not a duration of 1ms to 24h; write a number with a unit, such as 1s or 1m"
	Per *metav1.Duration `json:"per,omitempty"`

	// burst is how many may go at once after a lull; 1 to 1000000. Default: as requests.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000000
	Burst int32 `json:"burst,omitempty"`

	// onLimit says what becomes of a request that is over the limit: Reject answers it 429 with Retry-After, Wait holds it
	// until it may go. Default: Reject.
	// +optional
	OnLimit OnLimit `json:"onLimit,omitempty"`

	// maxWait bounds a wait; a request that would wait longer is answered 429 at once. 1ms to 1h. Default: 10s.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,9}([.][0-9]{1,9})?(ms|s|m|h)){1,4}$') && duration(self) >= duration('1ms') && duration(self) <= duration('1h')",message="not a duration of 1ms to 1h; write a number with a unit, such as 10s or 500ms"
	MaxWait *metav1.Duration `json:"maxWait,omitempty"`

	// maxCoolDown bounds how long no request is sent after the service has answered 429, or 503 with Retry-After: until the
	// time that its Retry-After names, or 1s where it names none. 1s to 24h. Default: 1m.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,9}([.][0-9]{1,9})?(ms|s|m|h)){1,4}$') && duration(self) >= duration('1s') && duration(self) <= duration('24h')",message="not a duration of 1s to 24h; write a number with a unit, such as 1m or 30s"
	MaxCoolDown *metav1.Duration `json:"maxCoolDown,omitempty"`
}

// OnLimit says what becomes of a request that is over a rate limit.
//
// +kubebuilder:validation:Enum=Reject;Wait
type OnLimit string

const (
	// LimitReject answers it 429 with Retry-After.
	LimitReject OnLimit = "Reject"
	// LimitWait holds it until it may go.
	LimitWait OnLimit = "Wait"
)
