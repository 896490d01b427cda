package v1alpha1

// Route maps a local path to one of the service's. Path and match together are distinct in the list.
//
// +kubebuilder:validation:XValidation:rule="!has(self.upstreamPath) || self.upstreamPath.findAll('[{][^{}/]*[}]').all(c, self.path.contains(c))",message="upstreamPath inserts a capture that path does not have; write it into path too, such as path: /users/{id}",fieldPath=".upstreamPath"
type Route struct {
	// path is what the workload asks for, matched segment by segment from the start, or whole with match Exact. A segment
	// {name} matches any one segment and captures it for upstreamPath.
	// +required
	Path RoutePath `json:"path,omitempty"`

	// match says how much is matched: Prefix is the path and everything below it, Exact the path alone. Default: Prefix.
	// +optional
	// +default="Prefix"
	Match RouteMatch `json:"match,omitempty"`

	// upstreamPath takes the place of the matched part, under the upstream's base path; {name} inserts a capture. What
	// follows the matched part is kept. Default: path itself.
	// +optional
	UpstreamPath RoutePath `json:"upstreamPath,omitempty"`

	// methods are the methods that are answered, at most 16; HEAD is answered where GET is, and others get 405. Default: every method.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=16
	Methods []Method `json:"methods,omitempty"`

	// query edits the query that is forwarded. Default: it goes as it came.
	// +optional
	Query *RouteQuery `json:"query,omitempty"`

	// upstreamMethod takes the place of the workload's method. Default: the workload's own.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self != 'HEAD'",message="is answered without content; write GET"
	UpstreamMethod Method `json:"upstreamMethod,omitempty"`

	// body takes the place of the workload's content. Default: the workload's own.
	// +optional
	Body *RouteBody `json:"body,omitempty"`

	// requestHeaders edits the headers that are forwarded, before credentials are attached. Default: they go as they came.
	// +optional
	RequestHeaders *HeaderEdits `json:"requestHeaders,omitempty"`

	// responseHeaders edits the headers of the service's answer. Default: they go as they came.
	// +optional
	ResponseHeaders *HeaderEdits `json:"responseHeaders,omitempty"`

	// timeouts replace upstream.timeouts one by one. Default: the upstream's.
	// +optional
	Timeouts *RouteTimeouts `json:"timeouts,omitempty"`

	// retry replaces policy.retry as a whole. Default: the policy's.
	// +optional
	Retry *Retry `json:"retry,omitempty"`

	// cache replaces policy.cache.rule as a whole. Default: the policy's, and none where that has none.
	// +optional
	Cache *CacheRule `json:"cache,omitempty"`

	// response maps the service's answers. Default: they go on as they come.
	// +optional
	Response *Response `json:"response,omitempty"`
}

// RouteBody is fixed content.
type RouteBody struct {
	// contentType is the content's media type. Default: application/json.
	// +optional
	ContentType MediaType `json:"contentType,omitempty"`

	// text is sent as it stands; at most 65536 characters. Default: empty.
	// +optional
	// +kubebuilder:validation:MaxLength=65536
	Text string `json:"text,omitempty"`
}

// RoutePath is a path of at most 256 characters that starts with "/". It holds no percent escape, no empty and no dot
// segment. A capture is a whole segment: a lower-case letter, then letters, digits and "_" in braces, at most 8 of
// distinct names.
//
// Valid: "/movies", "/users/{id}/posts". Invalid: "movies", "/a/../b", "/a//b", "/a%20b", "/v{n}".
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=256
// +kubebuilder:validation:XValidation:rule="self.matches('^/[A-Za-z0-9._~!$&\\'()*+,;=:@/{}-]*$')",message="not a path; start with '/' and write plain characters without escapes, spaces or a query, such as /movies"
// +kubebuilder:validation:XValidation:rule="!self.contains('//')",message="holds an empty segment; write one '/'"
// +kubebuilder:validation:XValidation:rule="!self.matches('/[.]{1,2}(/|$)')",message="holds a dot segment; write the path it leads to"
// +kubebuilder:validation:XValidation:rule="!self.matches('[{}]') || self.matches('^(/([^/{}]*|[{][a-z][a-zA-Z0-9_]{0,31}[}]))+$')",message="not a capture; write a whole segment in braces that starts with a lower-case letter, such as /users/{id}"
// +kubebuilder:validation:XValidation:rule="self.findAll('[{]').size() <= 8",message="holds over 8 captures; capture fewer segments"
type RoutePath string

// RouteMatch says how much of a path a route covers.
//
// +kubebuilder:validation:Enum=Prefix;Exact
type RouteMatch string

const (
	// MatchPrefix covers the path and everything below it, by whole segments.
	MatchPrefix RouteMatch = "Prefix"
	// MatchExact covers the path alone.
	MatchExact RouteMatch = "Exact"
)

// Method is an HTTP method in capital letters (RFC 9110, section 9) of at most 32 characters, but not CONNECT, TRACE or
// TRACK, which ask for a tunnel to anywhere or for an echo of the credential.
//
// Valid: "GET", "PATCH". Invalid: "get", "CONNECT".
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=32
// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Z][A-Z0-9_-]*$')",message="not a method; write it in capital letters, such as GET"
// +kubebuilder:validation:XValidation:rule="!(self in ['CONNECT', 'TRACE', 'TRACK'])",message="is never relayed, because it asks for a tunnel or for an echo of the credential; leave it out"
type Method string
