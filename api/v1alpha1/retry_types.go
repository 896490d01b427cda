package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Retry says when a request is sent again. What may have reached the service is sent again only where its method is
// idempotent (RFC 9110, section 9.2.2) or it has an idempotency key. Retries never exceed a fifth of the live traffic,
// or 3 where that is more.
//
// +kubebuilder:validation:XValidation:rule="!has(self.attachIdempotencyKey) || !self.attachIdempotencyKey || has(self.idempotencyKey)",message="attachIdempotencyKey needs a header to put the key into; write idempotencyKey: Idempotency-Key too",fieldPath=".idempotencyKey",reason=FieldValueRequired
type Retry struct {
	// attempts is how often a request is sent at most, the first time included; 1 to 10, and 1 is no retry. Default: 2.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10
	Attempts int32 `json:"attempts,omitempty"`

	// when lists the failures after which it is; at most 16. (YAML reads a field called "on" as true.) Default: ConnectFailure.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=16
	When []RetryCondition `json:"when,omitempty"`

	// baseBackoff bounds the random wait before the second attempt; the bound doubles with each further one. 1ms to 1h.
	// Default: 100ms.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,9}([.][0-9]{1,9})?(ms|s|m|h)){1,4}$') && duration(self) >= duration('1ms') && duration(self) <= duration('1h')",message="not a duration of 1ms to 1h; write a number with a unit, such as 100ms or 1s"
	BaseBackoff *metav1.Duration `json:"baseBackoff,omitempty"`

	// maxBackoff is where that bound stops growing; 1ms to 1h. Default: 5s.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,9}([.][0-9]{1,9})?(ms|s|m|h)){1,4}$') && duration(self) >= duration('1ms') && duration(self) <= duration('1h')",message="not a duration of 1ms to 1h; write a number with a unit, such as 5s or 1m"
	MaxBackoff *metav1.Duration `json:"maxBackoff,omitempty"`

	// perTryTimeout bounds each attempt from its start to the answer's head; 1ms to 24h. Default: the response timeout
	// alone does.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,9}([.][0-9]{1,9})?(ms|s|m|h)){1,4}$') && duration(self) >= duration('1ms') && duration(self) <= duration('24h')",message="not a duration of 1ms to 24h; write a number with a unit, such as 2s or 500ms"
	PerTryTimeout *metav1.Duration `json:"perTryTimeout,omitempty"`

	// maxRetryAfter is the longest wait that a service's Retry-After is granted; an answer that asks for more is passed on.
	// 1ms to 1h. Default: 10s.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,9}([.][0-9]{1,9})?(ms|s|m|h)){1,4}$') && duration(self) >= duration('1ms') && duration(self) <= duration('1h')",message="not a duration of 1ms to 1h; write a number with a unit, such as 10s or 1m"
	MaxRetryAfter *metav1.Duration `json:"maxRetryAfter,omitempty"`

	// idempotencyKey names the request header whose presence makes a request one that may be sent again, such as
	// Idempotency-Key. Default: none.
	// +optional
	IdempotencyKey EditableHeader `json:"idempotencyKey,omitempty"`

	// attachIdempotencyKey adds that header with a random UUID, the same in all attempts, to requests that have none and
	// are not idempotent. The service must heed it. Default: false.
	// +optional
	AttachIdempotencyKey bool `json:"attachIdempotencyKey,omitempty"`
}

// RetryCondition is a failure after which a request may be sent again: ConnectFailure, Reset, GatewayError, or a status of
// 400 to 599.
//
// Valid: "ConnectFailure", "503", "429". Invalid: "connect-failure", "5xx", "200".
//
// +kubebuilder:validation:MinLength=3
// +kubebuilder:validation:MaxLength=16
// +kubebuilder:validation:XValidation:rule="self.matches('^(ConnectFailure|Reset|GatewayError|[45][0-9]{2})$')",message="not a failure that is known; write ConnectFailure, Reset, GatewayError or a status such as \"503\""
type RetryCondition string

const (
	// RetryConnectFailure: no connection could be made; nothing was sent, so that it holds for every method.
	RetryConnectFailure RetryCondition = "ConnectFailure"
	// RetryReset: the connection ended, or perTryTimeout passed, before an answer began.
	RetryReset RetryCondition = "Reset"
	// RetryGatewayError: the answer is 502, 503 or 504.
	RetryGatewayError RetryCondition = "GatewayError"
)
