package v1alpha1

// Route maps a local path to one of the service's. Path and match together are distinct in the list.
type Route struct {
	// path is what the workload asks for, matched segment by segment from the start, or whole with match Exact. A segment
	// {name} matches any one segment and captures it for upstreamPath.
	// +required
	Path RoutePath `json:"path,omitempty"`

	// match says how much is matched: Prefix is the path and everything below it, Exact the path alone. Default: Prefix.
	// +optional
	// +kubebuilder:default=Prefix
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
}

// RoutePath is a path of at most 1024 characters that starts with "/". It holds no percent escape, no empty and no dot
// segment. A capture is a whole segment: a lower-case letter, then letters, digits and "_" in braces, at most 8 of
// distinct names.
//
// Valid: "/movies", "/users/{id}/posts". Invalid: "movies", "/a/../b", "/a//b", "/a%20b", "/v{n}".
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=1024
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

// Method is an HTTP method as the service spells it (RFC 9110, section 9), at most 32 characters; not CONNECT.
//
// Valid: "GET", "PATCH". Invalid: "get it", "CONNECT".
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=32
type Method string

// RouteQuery edits the query that is forwarded.
type RouteQuery struct {
	// set replaces whatever the workload sent under these names; at most 32. Default: none.
	// +optional
	// +kubebuilder:validation:MaxProperties=32
	Set map[string]ParameterValue `json:"set,omitempty"`

	// default adds these where the workload sent none of that name; at most 32. Default: none.
	// +optional
	// +kubebuilder:validation:MaxProperties=32
	Default map[string]ParameterValue `json:"default,omitempty"`
}

// ParameterValue is the plain, unescaped value of a query parameter, at most 1024 bytes.
//
// +kubebuilder:validation:MaxLength=1024
type ParameterValue string
