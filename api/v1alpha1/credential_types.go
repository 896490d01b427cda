package v1alpha1

// Credential is attached to every request. Exactly one kind is given.
//
// +kubebuilder:validation:XValidation:rule="[has(self.header), has(self.query), has(self.bearer), has(self.basic)].filter(x, x).size() == 1",message="give exactly one kind: header, query, bearer or basic; write a second credential as an entry of its own"
type Credential struct {
	// secret holds the keys that this credential names. Default: spec.secret.
	// +optional
	Secret *SecretReference `json:"secret,omitempty"`

	// header sets a request header.
	// +optional
	Header *HeaderCredential `json:"header,omitempty"`

	// query sets a query parameter.
	// +optional
	Query *QueryCredential `json:"query,omitempty"`

	// bearer sets Authorization to a bearer token (RFC 6750, section 2.1).
	// +optional
	Bearer *BearerCredential `json:"bearer,omitempty"`

	// basic sets Authorization to user name and password (RFC 7617).
	// +optional
	Basic *BasicCredential `json:"basic,omitempty"`
}

// HeaderCredential sets a request header to a prefix followed by a key's value.
type HeaderCredential struct {
	// name is the header's name. The workload's own header of that name, whatever its case and with "_" for "-", is dropped.
	// +required
	Name HeaderName `json:"name,omitempty"`

	// key holds the value.
	// +required
	Key SecretKey `json:"key,omitempty"`

	// prefix is written before the value as it stands, a trailing space included; at most 256 ASCII characters. Default: none.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:XValidation:rule="self.matches('^[ -~]*$')",message="holds a control or non-ASCII character; write plain ASCII, such as \"Token \""
	Prefix string `json:"prefix,omitempty"`
}

// HeaderName is the name of a header (RFC 9110, section 5.1) of at most 256 characters that does not frame the message.
//
// Valid: "X-Api-Key", "Authorization". Invalid: "X Api Key", "Host", "Content-Length".
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=256
// +kubebuilder:validation:XValidation:rule="self.matches('^[!#$%&\\'*+.^_`|~0-9A-Za-z-]+$')",message="not a header name; write letters, digits and '-', such as X-Api-Key"
// +kubebuilder:validation:XValidation:rule="!(self.lowerAscii().replace('_', '-').replace('.', '-') in ['host', 'connection', 'content-length', 'transfer-encoding', 'te', 'trailer', 'upgrade', 'keep-alive', 'expect', 'proxy-connection'])",message="frames the message or belongs to one hop, and can not hold a credential; write the header that the service reads it from, such as Authorization"
type HeaderName string

// QueryCredential sets a query parameter to a key's value, percent-encoded.
type QueryCredential struct {
	// name is the parameter's name. The workload's own parameter of that name, however it is escaped, is dropped.
	// +required
	Name ParameterName `json:"name,omitempty"`

	// key holds the value.
	// +required
	Key SecretKey `json:"key,omitempty"`
}

// ParameterName is the plain, unescaped name of a query parameter: 1 to 256 visible ASCII characters.
//
// Valid: "api_key", "filter[user]". Invalid: "", "api key".
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=256
// +kubebuilder:validation:XValidation:rule="self.matches('^[!-~]+$')",message="not a parameter name; write visible ASCII characters without spaces, such as api_key"
type ParameterName string

// BearerCredential sets Authorization to "Bearer " followed by a key's value.
type BearerCredential struct {
	// key holds the token, without "Bearer".
	// +required
	Key SecretKey `json:"key,omitempty"`
}

// BasicCredential sets Authorization to "Basic " followed by user name and password in base64. Its defaults are the keys
// of a Secret of type kubernetes.io/basic-auth.
type BasicCredential struct {
	// usernameKey holds the user name, which can not contain a colon. Default: username.
	// +optional
	// +default="username"
	UsernameKey SecretKey `json:"usernameKey,omitempty"`

	// passwordKey holds the password. Default: password.
	// +optional
	// +default="password"
	PasswordKey SecretKey `json:"passwordKey,omitempty"`
}
