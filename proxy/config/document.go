package config

// Version is the only value of [Document.Version] that this sidecar understands. It changes when an old sidecar would
// misread a new document.
const Version = "v1"

// Bounds of a document. The API server refuses a resource beyond them first; the sidecar checks again, because it also
// runs from files that no API server has seen.
const (
	MaxAmbassadors = 16
	MaxCredentials = 8
	MaxRoutes      = 1024
	MaxMethods     = 16
	MaxDenyCIDRs   = 64
	MaxFailover    = 4
	MaxRules       = 16
	MaxStatuses    = 16
	MaxExamples    = 16
	MaxConditions  = 16
)

// Document is all that one sidecar process serves.
type Document struct {
	// Version is "v1".
	Version string `json:"version"`
	// AccessLog says which requests are logged. Empty means "errors".
	AccessLog AccessLog `json:"accessLog,omitempty"`
	// LogLevel bounds the sidecar's own log. Empty means "info".
	LogLevel LogLevel `json:"logLevel,omitempty"`
	// Ambassadors lists 1 to 16 services. Those that name the same port are one interface.
	Ambassadors []Ambassador `json:"ambassadors"`
}

// AccessLog selects the requests that are logged, one JSON line each.
type AccessLog string

const (
	// AccessLogOff logs no request.
	AccessLogOff AccessLog = "off"
	// AccessLogErrors logs the requests that the sidecar itself answered with an error, and upstream answers of 500 and above.
	AccessLogErrors AccessLog = "errors"
	// AccessLogAll logs every request.
	AccessLogAll AccessLog = "all"
)

// LogLevel is the least severe level that is logged, in the words of log/slog.
type LogLevel string

// The levels of log/slog.
const (
	LogDebug LogLevel = "debug"
	LogInfo  LogLevel = "info"
	LogWarn  LogLevel = "warn"
	LogError LogLevel = "error"
)

// Ambassador is one upstream service behind one loopback port. Ambassadors with the same port are one interface: a request
// goes to the one whose route fits it best, and no two may have routes that fit a request equally well.
type Ambassador struct {
	// Name is the resource's name, a DNS-1123 label of at most 63 bytes. It labels metrics and log lines.
	Name string `json:"name"`
	// Port is the loopback port, 1024 to 65535.
	Port int `json:"port"`
	// Upstream is the service.
	Upstream Upstream `json:"upstream"`
	// Credentials are attached to every forwarded request in this order; at most 8. None: requests go without.
	Credentials []Credential `json:"credentials,omitempty"`
	// Routes maps local paths to upstream paths; at most 1024. None: every path is forwarded under the upstream's base path.
	Routes []Route `json:"routes,omitempty"`
	// Policy makes calls bearable on bad days. The zero value sends each request once, or twice where nothing was sent the
	// first time.
	Policy Policy `json:"policy,omitzero"`
}

// Upstream is the external service.
type Upstream struct {
	// URL is an absolute http or https URL without user information, query or fragment; its path is the base path.
	URL string `json:"url"`
	// Failover are further URLs of the same service, in the order in which they are turned to while those before them fail;
	// at most 4, each as URL. TLS, Timeouts, DenyCIDRs and credentials hold for all. None: there is no other.
	Failover []string `json:"failover,omitempty"`
	// Health says when an endpoint counts as failing. It matters where there is Failover.
	Health Health `json:"health,omitzero"`
	// TLS refines how an https upstream is verified. Nil: system roots, the URL's host name, TLS 1.2 and later.
	TLS *TLS `json:"tls,omitempty"`
	// Timeouts bound the parts of a call. Zero values take the defaults.
	Timeouts Timeouts `json:"timeouts,omitzero"`
	// DenyCIDRs are address ranges that are refused at every dial, after name resolution. Nil takes [DefaultDenyCIDRs];
	// an empty list denies nothing.
	DenyCIDRs []string `json:"denyCIDRs"`
}

// TLS refines the connection to an https upstream.
type TLS struct {
	// CA is a PEM bundle trusted beside the system roots. Nil: the system roots alone.
	CA *FileRef `json:"ca,omitempty"`
	// ClientCertificate is presented when the upstream asks for one. Nil: none.
	ClientCertificate *ClientCertificate `json:"clientCertificate,omitempty"`
	// ServerName is sent as SNI and verified in place of the URL's host. Empty: the URL's host.
	ServerName string `json:"serverName,omitempty"`
	// MinVersion is "1.2" or "1.3". Empty: "1.2".
	MinVersion string `json:"minVersion,omitempty"`
	// InsecureSkipVerify accepts any certificate. It gives up the credential to whoever answers.
	InsecureSkipVerify bool `json:"insecureSkipVerify,omitempty"`
}

// FileRef names one key of one Secret: the file <credentials>/<secret>/<key>.
type FileRef struct {
	Secret string `json:"secret"`
	Key    string `json:"key"`
}

// ClientCertificate names a PEM certificate chain and its private key in one Secret.
type ClientCertificate struct {
	Secret         string `json:"secret"`
	CertificateKey string `json:"certificateKey"`
	PrivateKeyKey  string `json:"privateKeyKey"`
}

// Timeouts bound the parts of a call. Each is 0 (the default) or 1ms to 24h. Those of a route go before the upstream's,
// one by one.
type Timeouts struct {
	// Connect bounds name resolution, TCP and TLS together. Zero: 5s.
	Connect Duration `json:"connect,omitzero"`
	// Response bounds the wait from the request's last byte to the response's head. Zero: 60s.
	Response Duration `json:"response,omitzero"`
	// Idle bounds the gap between two reads or writes in a body, in either direction. Zero: 5m.
	Idle Duration `json:"idle,omitzero"`
	// Call bounds the whole call, from the request's head to the answer's last byte, with waits and retries. Zero: no bound.
	Call Duration `json:"call,omitzero"`
	// DeadlineHeader names a request field in which the client may say how long the call may take: seconds such as "2.5", or
	// a duration such as "1500ms". It shortens Call and never lengthens it; it is not passed on. Empty: none.
	DeadlineHeader string `json:"deadlineHeader,omitempty"`
}

// Health says when an endpoint is turned away from, and when it is returned to.
type Health struct {
	// Failures is how many calls in a row must fail (no connection, no answer, or 502, 503 or 504) for the endpoint to count
	// as failing; 1 to 100. Zero: 3.
	Failures int `json:"failures,omitempty"`
	// RetryAfter is how long a failing endpoint is left alone before one call tries it again; 1s to 1h. Zero: 10s.
	RetryAfter Duration `json:"retryAfter,omitzero"`
	// Probe asks a failing endpoint by itself whether it is back, with the credentials attached. Nil: the next call does.
	Probe *Probe `json:"probe,omitempty"`
}

// Probe is a GET request that tells whether an endpoint works.
type Probe struct {
	// Path is put under the endpoint's base path.
	Path string `json:"path"`
	// Statuses are the answers that say so, such as "200", "2xx" or "200-204"; at most 16. None: "2xx".
	Statuses []string `json:"statuses,omitempty"`
	// Interval is the time between two probes; 1s to 1h. Zero: 10s.
	Interval Duration `json:"interval,omitzero"`
	// Timeout bounds one probe; 1ms to 1m. Zero: 5s.
	Timeout Duration `json:"timeout,omitzero"`
}

// Credential is attached to every request. Exactly one of its kinds is set.
type Credential struct {
	// Secret is the Secret that holds the keys below: a sub-folder of the credentials folder.
	Secret string            `json:"secret"`
	Header *HeaderCredential `json:"header,omitempty"`
	Query  *QueryCredential  `json:"query,omitempty"`
	Bearer *BearerCredential `json:"bearer,omitempty"`
	Basic  *BasicCredential  `json:"basic,omitempty"`
}

// HeaderCredential sets the header Name to Prefix followed by the key's value.
type HeaderCredential struct {
	Name string `json:"name"`
	Key  string `json:"key"`
	// Prefix is written before the value as it stands, trailing space included. Empty: none.
	Prefix string `json:"prefix,omitempty"`
}

// QueryCredential sets the query parameter Name to the key's value, percent-encoded.
type QueryCredential struct {
	Name string `json:"name"`
	Key  string `json:"key"`
}

// BearerCredential sets Authorization to a bearer token (RFC 6750, section 2.1).
type BearerCredential struct {
	Key string `json:"key"`
}

// BasicCredential sets Authorization to user and password (RFC 7617).
type BasicCredential struct {
	UsernameKey string `json:"usernameKey"`
	PasswordKey string `json:"passwordKey"`
}

// Route maps a local path to one of the upstream's.
type Route struct {
	// Path is matched segment by segment from the start, or whole with Match "exact". "{name}" captures one segment.
	Path string `json:"path"`
	// Match is "prefix" or "exact". Empty: "prefix".
	Match Match `json:"match,omitempty"`
	// UpstreamPath takes the place of the matched part, under the upstream's base path; "{name}" inserts a capture.
	// Empty: Path itself.
	UpstreamPath string `json:"upstreamPath,omitempty"`
	// Methods are the methods answered, in capital letters; HEAD is answered where GET is. Empty: every method. CONNECT,
	// TRACE and TRACK are never answered. Of two routes with the same path, one that names a method comes first.
	Methods []string `json:"methods,omitempty"`
	// Query edits the query that is forwarded.
	Query Query `json:"query,omitzero"`
	// UpstreamMethod takes the place of the client's method. Empty: the client's own.
	UpstreamMethod string `json:"upstreamMethod,omitempty"`
	// Body takes the place of the client's content. Nil: the client's own.
	Body *Body `json:"body,omitempty"`
	// RequestHeaders edits the fields that are forwarded, before credentials are attached.
	RequestHeaders Headers `json:"requestHeaders,omitzero"`
	// ResponseHeaders edits the fields of the service's answer.
	ResponseHeaders Headers `json:"responseHeaders,omitzero"`
	// Timeouts replace the upstream's one by one.
	Timeouts Timeouts `json:"timeouts,omitzero"`
	// Retry replaces the policy's as a whole. Nil: the policy's.
	Retry *Retry `json:"retry,omitempty"`
	// Cache replaces the policy's rule as a whole. Nil: the policy's, and none where that has none.
	Cache *CacheRule `json:"cache,omitempty"`
	// Response maps the service's answers. Nil: they go on as they come.
	Response *Response `json:"response,omitempty"`
}

// Body is fixed content.
type Body struct {
	// ContentType is the content's media type. Empty: "application/json".
	ContentType string `json:"contentType,omitempty"`
	// Text is sent as it stands; at most 64 KiB.
	Text string `json:"text"`
}

// Headers edits fields. Those of framing, of the connection, Host, and those that credentials set are not its to edit.
type Headers struct {
	// Set replaces whatever stands under these names; at most 32. It is written in the order of the names.
	Set map[string]string `json:"set,omitempty"`
	// Remove takes these fields out, in any case; at most 32.
	Remove []string `json:"remove,omitempty"`
}

// Match says how much of a path a route covers.
type Match string

const (
	// MatchPrefix covers the path and all below it, by whole segments.
	MatchPrefix Match = "prefix"
	// MatchExact covers the path alone.
	MatchExact Match = "exact"
)

// Query edits the query that is forwarded: first Remove and Rename, then Set, then Default. Maps are written in the order of
// their names. A value may insert captures of the route's path, such as "{id}".
type Query struct {
	// Remove takes out what the client sent under these names; at most 32.
	Remove []string `json:"remove,omitempty"`
	// Rename forwards the client's parameter of each name under another one, its value untouched; at most 32. What the
	// client sent under the new name is taken out.
	Rename map[string]string `json:"rename,omitempty"`
	// Set replaces whatever the client sent under these names.
	Set map[string]string `json:"set,omitempty"`
	// Default adds these where the client sent none of that name.
	Default map[string]string `json:"default,omitempty"`
}
