package config

// Policy makes calls to a service bearable. What it holds for is one ambassador: its routes, and all connections of the
// sidecar.
type Policy struct {
	// Retry says when a request is sent again. Nil: once, where connecting failed, so that nothing had been sent.
	Retry *Retry `json:"retry,omitempty"`
	// CircuitBreaker spares a service that fails. Nil: none.
	CircuitBreaker *CircuitBreaker `json:"circuitBreaker,omitempty"`
	// RateLimit bounds how often the service is called. Nil: it is not bounded.
	RateLimit *RateLimit `json:"rateLimit,omitempty"`
	// MaxConcurrency bounds the calls that are in flight to the service; one more is answered 503. 1 to 512. Zero: no bound
	// but the sidecar's own.
	MaxConcurrency int `json:"maxConcurrency,omitempty"`
	// Cache keeps answers. Nil: only routes that have a rule of their own are cached, in a store of the default sizes.
	Cache *Cache `json:"cache,omitempty"`
}

// RetryCondition is a kind of failure after which a request may be sent again.
type RetryCondition string

// The conditions. Besides these, a status such as "503" or "429" is one.
const (
	// RetryConnectFailure: no connection could be made; nothing was sent, so that it holds for every method.
	RetryConnectFailure RetryCondition = "connect-failure"
	// RetryReset: the connection ended, or PerTryTimeout passed, before an answer began.
	RetryReset RetryCondition = "reset"
	// RetryGatewayError: the answer is 502, 503 or 504.
	RetryGatewayError RetryCondition = "gateway-error"
)

// Retry says when a request is sent again. What may have reached the service is sent again only where its method is
// idempotent (RFC 9110, section 9.2.2) or it has an idempotency key, and where its content is all there to be sent again.
type Retry struct {
	// Attempts is how often a request is sent at most, the first time included; 1 to 10. Zero: 2.
	Attempts int `json:"attempts,omitempty"`
	// When lists the conditions, at most 16. None: "connect-failure".
	When []RetryCondition `json:"when,omitempty"`
	// BaseBackoff bounds the random wait before the second attempt; the bound doubles with each further one. Zero: 100ms.
	BaseBackoff Duration `json:"baseBackoff,omitzero"`
	// MaxBackoff is the bound's own bound. Zero: 5s.
	MaxBackoff Duration `json:"maxBackoff,omitzero"`
	// PerTryTimeout bounds each attempt from its start to the answer's head. Zero: the response timeout alone does.
	PerTryTimeout Duration `json:"perTryTimeout,omitzero"`
	// MaxRetryAfter is the longest wait that a Retry-After field is granted; an answer that asks for more is passed on.
	// Zero: 10s.
	MaxRetryAfter Duration `json:"maxRetryAfter,omitzero"`
	// IdempotencyKey names the request field whose presence makes a request one that may be sent again, such as
	// "Idempotency-Key". Empty: none.
	IdempotencyKey string `json:"idempotencyKey,omitempty"`
	// AttachIdempotencyKey adds that field with a random UUID, the same in all attempts, to requests that have none and are
	// not idempotent.
	AttachIdempotencyKey bool `json:"attachIdempotencyKey,omitempty"`
}

// CircuitBreaker answers 503 itself while a service fails. A failure is a call without an answer, or one of 500 and above.
// Exactly one of ConsecutiveFailures and FailureRate is set.
type CircuitBreaker struct {
	// ConsecutiveFailures opens it after so many failures in a row; 1 to 1000.
	ConsecutiveFailures int `json:"consecutiveFailures,omitempty"`
	// FailureRate opens it when so many percent of the calls within Window failed; 1 to 100.
	FailureRate int `json:"failureRate,omitempty"`
	// Window is the time over which FailureRate is taken; 1s to 1h. Zero: 1m.
	Window Duration `json:"window,omitzero"`
	// MinRequests is how many calls Window must hold for FailureRate to count; 1 to 10000. Zero: 10.
	MinRequests int `json:"minRequests,omitempty"`
	// OpenFor is how long it stays open before it lets probes through; 100ms to 1h. Zero: 30s.
	OpenFor Duration `json:"openFor,omitzero"`
	// Probes is how many calls it lets through then, all of which must succeed for it to close; 1 to 100. Zero: 1.
	Probes int `json:"probes,omitempty"`
}

// OnLimit says what becomes of a request that is over a rate limit.
type OnLimit string

const (
	// LimitReject answers it 429 with Retry-After.
	LimitReject OnLimit = "reject"
	// LimitWait holds it until it may go, at most MaxWait.
	LimitWait OnLimit = "wait"
)

// RateLimit bounds how often a service is called, with a token bucket, and leaves it alone after a 429.
type RateLimit struct {
	// Requests may be sent per Per; 1 to 1000000. Zero: no bound, and only MaxCoolDown holds.
	Requests int `json:"requests,omitempty"`
	// Per is the time in which they may; 1ms to 24h. Zero: 1s.
	Per Duration `json:"per,omitzero"`
	// Burst is how many may go at once after a lull; 1 to 1000000. Zero: as Requests.
	Burst int `json:"burst,omitempty"`
	// OnLimit is "reject" or "wait". Empty: "reject".
	OnLimit OnLimit `json:"onLimit,omitempty"`
	// MaxWait bounds a wait; one that would take longer is answered 429 at once. Zero: 10s.
	MaxWait Duration `json:"maxWait,omitzero"`
	// MaxCoolDown bounds how long no request is sent after the service has answered 429, or 503 with Retry-After: until the
	// time that its Retry-After names, or 1s where it names none. Zero: 1m.
	MaxCoolDown Duration `json:"maxCoolDown,omitzero"`
}

// Cache is a private cache (RFC 9111), and the rule for routes that have none of their own.
type Cache struct {
	// MaxBytes bounds all that is kept; 64 KiB to 1 GiB. Zero: 8 MiB. It counts towards the sidecar's memory.
	MaxBytes int64 `json:"maxBytes,omitempty"`
	// MaxEntryBytes bounds the content of one answer; a longer one is passed on and not kept. Zero: 1 MiB, or MaxBytes where
	// that is less.
	MaxEntryBytes int64 `json:"maxEntryBytes,omitempty"`
	// Rule holds for every route without one of its own. Nil: those are not cached.
	Rule *CacheRule `json:"rule,omitempty"`
}

// CacheRule says how long answers are kept. The zero value keeps what the service says may be kept, as long as it says.
type CacheRule struct {
	// Disabled keeps nothing of a route, whatever the policy says.
	Disabled bool `json:"disabled,omitempty"`
	// DefaultTTL is how long an answer is fresh that does not say so itself and sets no cookie; 1s to 8760h. Zero: such an
	// answer is kept only to be asked about, where it has an ETag or Last-Modified.
	DefaultTTL Duration `json:"defaultTTL,omitzero"`
	// OverrideTTL is how long an answer to GET with status 200, 203, 204, 300, 301, 308, 404, 405, 410, 414 or 501 is fresh,
	// whatever it says itself, no-store included; 1s to 8760h. Zero: what it says holds.
	OverrideTTL Duration `json:"overrideTTL,omitzero"`
	// StaleWhileRevalidate is how long after that an answer may be given while it is asked for anew (RFC 5861, section 3),
	// where the answer itself does not say. Zero: not at all.
	StaleWhileRevalidate Duration `json:"staleWhileRevalidate,omitzero"`
	// StaleIfError is how long after that an answer may be given where the service fails (RFC 5861, section 4), where the
	// answer itself does not say. Zero: not at all.
	StaleIfError Duration `json:"staleIfError,omitzero"`
}
