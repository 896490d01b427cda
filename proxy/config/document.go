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
)

// Document is all that one sidecar process serves.
type Document struct {
	// Version is "v1".
	Version string `json:"version"`
	// AccessLog says which requests are logged. Empty means "errors".
	AccessLog AccessLog `json:"accessLog,omitempty"`
	// LogLevel bounds the sidecar's own log. Empty means "info".
	LogLevel LogLevel `json:"logLevel,omitempty"`
	// Ambassadors lists 1 to 16 services, each on a port of its own.
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

// Ambassador is one upstream service behind one loopback port.
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
}

// Upstream is the external service.
type Upstream struct {
	// URL is an absolute http or https URL without user information, query or fragment; its path is the base path.
	URL string `json:"url"`
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

// Timeouts bound the parts of a call. Each is 0 (the default) or 1ms to 24h.
type Timeouts struct {
	// Connect bounds name resolution, TCP and TLS together. Zero: 5s.
	Connect Duration `json:"connect,omitzero"`
	// Response bounds the wait from the request's last byte to the response's head. Zero: 60s.
	Response Duration `json:"response,omitzero"`
	// Idle bounds the gap between two reads or writes in a body, in either direction. Zero: 5m.
	Idle Duration `json:"idle,omitzero"`
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
}

// Match says how much of a path a route covers.
type Match string

const (
	// MatchPrefix covers the path and all below it, by whole segments.
	MatchPrefix Match = "prefix"
	// MatchExact covers the path alone.
	MatchExact Match = "exact"
)

// Query edits the query that is forwarded. Both maps are written in the order of their names.
type Query struct {
	// Set replaces whatever the client sent under these names.
	Set map[string]string `json:"set,omitempty"`
	// Default adds these where the client sent none of that name.
	Default map[string]string `json:"default,omitempty"`
}
