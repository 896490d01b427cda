package v1alpha1

// Upstream is the external service and how it is reached. The rule on user information stands here, not at the URL's type,
// because a message then leaves out the value, and with it the password.
//
// +kubebuilder:validation:XValidation:rule="!has(self.tls) || self.url.startsWith('https:')",message="tls needs an https URL; write https:// in url, or leave tls out",fieldPath=".tls"
// +kubebuilder:validation:XValidation:rule="!self.url.matches('^[a-z]+://[^/?#]*@')",message="url holds user information; put it into a Secret and use a basic credential",fieldPath=".url"
// +kubebuilder:validation:XValidation:rule="!has(self.failover) || !self.failover.exists(u, u.matches('^[a-z]+://[^/?#]*@'))",message="failover holds user information; put it into a Secret and use a basic credential",fieldPath=".failover"
// +kubebuilder:validation:XValidation:rule="!has(self.failover) || !self.url.startsWith('https:') || self.failover.all(u, !u.startsWith('http:'))",message="failover holds a plain http URL, which would send in clear what url protects; write https://",fieldPath=".failover"
// +kubebuilder:validation:XValidation:rule="!has(self.failover) || !(self.url in self.failover)",message="failover holds url itself; write another URL of the same service, or leave it out",fieldPath=".failover"
type Upstream struct {
	// url is the service's address; its path is the base path that every upstream path is put under.
	// +required
	URL UpstreamURL `json:"url,omitempty"`

	// failover are further URLs of the same service, in the order in which they are turned to while those before them fail;
	// at most 4. tls, timeouts, denyCIDRs and credentials hold for all. Default: there is no other.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=4
	Failover []UpstreamURL `json:"failover,omitempty"`

	// health says when a URL counts as failing. It matters where there is failover. Default: 3 failed calls in a row, and
	// again after 10s.
	// +optional
	Health *Health `json:"health,omitempty"`

	// tls refines how an https service is verified. Default: system roots, the URL's host name, TLS 1.2 and later.
	// +optional
	TLS *UpstreamTLS `json:"tls,omitempty"`

	// timeouts bound the parts of a call.
	// +optional
	Timeouts *Timeouts `json:"timeouts,omitempty"`

	// denyCIDRs are address ranges that the sidecar refuses to connect to, checked against the resolved address at every
	// dial; at most 64. An empty list refuses nothing. Default: the link-local ranges in which clouds serve instance
	// metadata (169.254.0.0/16, fe80::/10, fd00:ec2::254/128).
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	DenyCIDRs []CIDR `json:"denyCIDRs,omitzero"`
}

// UpstreamURL is an absolute http or https URL of at most 2048 characters without user information, query or fragment.
//
// Valid: "https://api.themoviedb.org/3", "http://legacy.example.com:8080". Invalid: "api.themoviedb.org",
// "https://user:pass@example.com", "https://example.com/?key=x", "https://{host}/v1".
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=2048
// +kubebuilder:validation:XValidation:rule="self.matches('^https?://')",message="not an absolute URL; write https:// or http:// before the host, such as https://api.example.com/v1"
// +kubebuilder:validation:XValidation:rule="!self.matches('[?#]')",message="holds a query or fragment; leave it out, and use query.set of a route for parameters"
// +kubebuilder:validation:XValidation:rule="!self.matches('[{}<>$]')",message="holds a placeholder; write the service's own host and path"
// +kubebuilder:validation:XValidation:rule="!self.matches('^https?://') || self.matches('[@{}<>$]') || self.matches('^https?://(([A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?[.])*[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?[.]?|\\\\[[0-9A-Fa-f:.]+\\\\])([:/?#]|$)')",message="has no host that can be dialled; write a DNS name or an IP address after //, such as https://api.example.com"
// +kubebuilder:validation:XValidation:rule="!self.matches('^https?://(\\\\[[^]]*\\\\]|[^]:/?#@]*):') || self.matches('^[a-z]+://[^/?#]*@') || self.matches('^https?://[^/?#@]*:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])([/?#]|$)')",message="has a port out of 1 to 65535; write one such as :8443, or leave it out"
// +kubebuilder:validation:XValidation:rule="!self.matches('/[.]{1,2}([/?#]|$)')",message="holds a dot segment; write the path it leads to"
// +kubebuilder:validation:XValidation:rule="!self.matches('^https?://[^/?#]+(/[^/?#]+)*//')",message="holds an empty segment; write one '/'"
// +kubebuilder:validation:XValidation:rule="!self.matches('^https?://[^/?#]*/[^?#]*[^A-Za-z0-9._~!$&\\'()*+,;=:@/?#{}<>-]')",message="holds an escape or a character that a path can not have; write plain characters"
type UpstreamURL string

// CIDR is a range of addresses.
//
// Valid: "169.254.0.0/16", "fe80::/10". Invalid: "10.0.0.1", "10.0.0.0/33".
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=64
// +kubebuilder:validation:XValidation:rule="isCIDR(self)",message="not a range of addresses; write one such as 169.254.0.0/16, or 10.0.0.1/32 for a single address"
type CIDR string

// UpstreamTLS refines how an https service is verified.
type UpstreamTLS struct {
	// ca is a PEM bundle that is trusted beside the system roots. Default: the system roots alone.
	// +optional
	CA *CertificateAuthority `json:"ca,omitempty"`

	// clientCertificate is presented when the service asks for one. Default: none.
	// +optional
	ClientCertificate *ClientCertificate `json:"clientCertificate,omitempty"`

	// serverName is sent as SNI and verified in place of the URL's host. Default: the URL's host.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9]([-.A-Za-z0-9]*[A-Za-z0-9])?$') && !self.contains('..')",message="not a host name; write one such as api.example.com, without scheme or port"
	ServerName string `json:"serverName,omitempty"`

	// minVersion is the oldest TLS version that is accepted. Default: VersionTLS12.
	// +optional
	// +default="VersionTLS12"
	MinVersion TLSVersion `json:"minVersion,omitempty"`

	// insecureSkipVerify accepts any certificate. It gives the credential to whoever answers; use ca instead. Default: false.
	// +optional
	InsecureSkipVerify bool `json:"insecureSkipVerify,omitempty"`
}

// TLSVersion is a version of TLS, spelled as Kubernetes does.
//
// +kubebuilder:validation:Enum=VersionTLS12;VersionTLS13
type TLSVersion string

const (
	// TLS12 is TLS 1.2 (RFC 5246).
	TLS12 TLSVersion = "VersionTLS12"
	// TLS13 is TLS 1.3 (RFC 8446).
	TLS13 TLSVersion = "VersionTLS13"
)

// CertificateAuthority names a PEM bundle in a Secret.
type CertificateAuthority struct {
	// secret holds the key. Default: spec.secret.
	// +optional
	Secret *SecretReference `json:"secret,omitempty"`

	// key holds one or more PEM certificates. Default: ca.crt.
	// +optional
	// +default="ca.crt"
	Key SecretKey `json:"key,omitempty"`
}

// ClientCertificate names a PEM certificate chain and its private key in one Secret, by default as a Secret of type
// kubernetes.io/tls has them.
type ClientCertificate struct {
	// secret holds both keys. Default: spec.secret.
	// +optional
	Secret *SecretReference `json:"secret,omitempty"`

	// certificateKey holds the PEM chain, leaf first. Default: tls.crt.
	// +optional
	// +default="tls.crt"
	CertificateKey SecretKey `json:"certificateKey,omitempty"`

	// privateKeyKey holds the PEM private key. Default: tls.key.
	// +optional
	// +default="tls.key"
	PrivateKeyKey SecretKey `json:"privateKeyKey,omitempty"`
}
