package v1alpha1

// HeaderEdits changes the headers of a message. Those that frame it or belong to one hop, Host, and those that
// credentials set are not its to change.
type HeaderEdits struct {
	// set replaces whatever stands under these names; at most 16. Never put a credential here. Default: none.
	// +optional
	// +kubebuilder:validation:MaxProperties=16
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^[!#$%&\\'*+.^_`|~0-9A-Za-z-]{1,48}$'))",message="holds a name that is not a header's; write letters, digits and '-', such as X-Request-Source"
	// +kubebuilder:validation:XValidation:rule="!self.exists(k, k.matches('(?i)^(host|te|trailer|upgrade|expect|(proxy.)?connection|content.length|transfer.encoding|keep.alive)$'))",message="holds a header that frames the message or belongs to one hop, such as Host or Content-Length; leave it out"
	// +kubebuilder:validation:XValidation:rule="self.all(k, !self[k].matches('[^ -~]'))",message="holds a value with a control or non-ASCII character; write plain ASCII"
	Set map[string]HeaderValue `json:"set,omitempty"`

	// remove takes these headers out, whatever their case; at most 16. Default: none.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=16
	Remove []EditableHeader `json:"remove,omitempty"`
}

// HeaderValue is the value of a header: at most 512 visible ASCII characters and spaces between them.
//
// +kubebuilder:validation:MaxLength=512
type HeaderValue string

// EditableHeader is the name of a header (RFC 9110, section 5.1) of at most 48 characters that neither frames the message
// nor belongs to one hop. It is none that a credential sets.
//
// Valid: "X-Deadline", "Set-Cookie". Invalid: "X Deadline", "Host", "content_length".
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=48
// +kubebuilder:validation:XValidation:rule="self.matches('^[!#$%&\\'*+.^_`|~0-9A-Za-z-]+$')",message="not a header name; write letters, digits and '-', such as X-Deadline"
// +kubebuilder:validation:XValidation:rule="!self.matches('(?i)^(host|te|trailer|upgrade|expect|(proxy.)?connection|content.length|transfer.encoding|keep.alive)$')",message="frames the message or belongs to one hop; leave it out"
type EditableHeader string

// MediaType says what content is (RFC 9110, section 8.3.1), in at most 128 characters.
//
// Valid: "application/json", "text/plain; charset=utf-8". Invalid: "json".
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=128
// +kubebuilder:validation:XValidation:rule="self.matches('^[!-.0-~]+/[!-~][ -~]*$')",message="not a media type; write one such as application/json"
type MediaType string
