package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Response maps a service's answers to those that the workload knows.
//
// +kubebuilder:validation:XValidation:rule="!has(self.stream) || !has(self.tooLarge) || self.tooLarge != 'Pass'",message="an event that is too large is always refused; leave tooLarge out, or leave stream out",fieldPath=".tooLarge"
// +kubebuilder:validation:XValidation:rule="!has(self.stream) || !self.rules.exists(r, has(r.statusJQ))",message="statusJQ can not hold for a stream, whose status has gone before its events; leave it out, or leave stream out",fieldPath=".rules"
type Response struct {
	// rules are looked through in this order, and the first one that fits the answer's status maps it; 1 to 16. An answer
	// that none fits goes on as it comes.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Rules []ResponseRule `json:"rules,omitempty"` //nolint:kubeapilinter // every field of a rule has a default

	// stream maps each event of a stream by itself, as it comes, in place of the whole answer: Lines are newline-delimited
	// JSON, Events are server-sent events. Default: the whole answer.
	// +optional
	Stream StreamFormat `json:"stream,omitempty"`

	// maxBytes bounds the content that is mapped, or one event; 1024 to 16777216. Default: 1048576, 1 MiB.
	// +optional
	// +kubebuilder:validation:Minimum=1024
	// +kubebuilder:validation:Maximum=16777216
	MaxBytes int64 `json:"maxBytes,omitempty"`

	// tooLarge says what becomes of a longer answer: Refuse answers 502, Pass passes it on as it is. Events are always
	// refused. Default: Refuse.
	// +optional
	TooLarge TooLarge `json:"tooLarge,omitempty"`

	// maxOutputBytes bounds what a program makes of it; 1024 to 16777216. Default: 1048576, 1 MiB.
	// +optional
	// +kubebuilder:validation:Minimum=1024
	// +kubebuilder:validation:Maximum=16777216
	MaxOutputBytes int64 `json:"maxOutputBytes,omitempty"`

	// timeout bounds how long a program runs; 1ms to 1m. Default: 1s.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,9}([.][0-9]{1,9})?(ms|s|m|h)){1,4}$') && duration(self) >= duration('1ms') && duration(self) <= duration('1m')",message="not a duration of 1ms to 1m; write a number with a unit, such as 1s or 100ms"
	Timeout *metav1.Duration `json:"timeout,omitempty"`

	// examples are mapped before the Ambassador is applied, which is refused where one does not come out as said; at most
	// 16. Default: none.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	Examples []ResponseExample `json:"examples,omitempty"` //nolint:kubeapilinter // an empty example is one of empty content
}

// StreamFormat is how events follow each other.
//
// +kubebuilder:validation:Enum=Lines;Events
type StreamFormat string

const (
	// StreamLines is newline-delimited JSON.
	StreamLines StreamFormat = "Lines"
	// StreamEvents is server-sent events, of whose data each is JSON.
	StreamEvents StreamFormat = "Events"
)

// TooLarge says what becomes of an answer that is too long to be mapped.
//
// +kubebuilder:validation:Enum=Refuse;Pass
type TooLarge string

const (
	// TooLargeRefuse answers 502.
	TooLargeRefuse TooLarge = "Refuse"
	// TooLargePass passes the answer on as it is.
	TooLargePass TooLarge = "Pass"
)

// ResponseRule maps the answers of some statuses.
//
// +kubebuilder:validation:XValidation:rule="!has(self.statusJQ) || has(self.jq)",message="statusJQ reads what jq makes, and there is no jq; write jq too, such as jq: .",fieldPath=".statusJQ"
type ResponseRule struct {
	// statuses are those that it fits, at most 8. Default: 2xx.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=8
	Statuses []StatusPattern `json:"statuses,omitempty"`

	// jq is a jq program of at most 16384 characters that makes exactly one value of the answer's JSON, or of null where there
	// is no content, or an error's (4xx, 5xx) is not JSON. Its variables are $status, a number; $captures, an object of the
	// path's captures; and $query, an object of the workload's query, each value the last of its name. In a stream it may also
	// make no value of an event, which leaves it out. Default: the content goes on as it is.
	// +optional
	// +kubebuilder:validation:MaxLength=16384
	JQ string `json:"jq,omitempty"`

	// status takes the place of the answer's; 200 to 599, but not 204, 205 and 304, which have no content. Default: the
	// answer's own.
	// +optional
	// +kubebuilder:validation:Minimum=200
	// +kubebuilder:validation:Maximum=599
	// +kubebuilder:validation:XValidation:rule="!(self in [204, 205, 304])",message="is answered without content; write another, such as 200"
	Status int32 `json:"status,omitempty"`

	// statusJQ is a jq program that makes the status of what jq has made: a number of 200 to 599, or null for the one that
	// holds without it. It is for services that tell of errors in the content of a 200, and not for streams. At most 16384
	// characters. Default: none.
	// +optional
	// +kubebuilder:validation:MaxLength=16384
	StatusJQ string `json:"statusJQ,omitempty"`

	// contentType takes the place of the answer's. Default: application/json where jq is given, application/x-ndjson or
	// text/event-stream in streams, else the answer's own.
	// +optional
	ContentType MediaType `json:"contentType,omitempty"`
}

// ResponseExample is an answer of the service, and what shall become of it.
type ResponseExample struct {
	// status is the answer's; 200 to 599. Default: 200.
	// +optional
	// +kubebuilder:validation:Minimum=200
	// +kubebuilder:validation:Maximum=599
	Status int32 `json:"status,omitempty"`

	// input is the answer's content, or an event's, at most 65536 characters. Default: empty.
	// +optional
	// +kubebuilder:validation:MaxLength=65536
	Input string `json:"input,omitempty"`

	// captures are the captures of the path, by name; at most 8. Default: none.
	// +optional
	// +kubebuilder:validation:MaxProperties=8
	Captures map[string]ParameterValue `json:"captures,omitempty"`

	// query is the workload's query; at most 32. Default: none.
	// +optional
	// +kubebuilder:validation:MaxProperties=32
	Query map[string]ParameterValue `json:"query,omitempty"`

	// output is the JSON that shall come out, compared by value, at most 65536 characters. Default: anything may, as long
	// as the program does not fail.
	// +optional
	// +kubebuilder:validation:MaxLength=65536
	Output string `json:"output,omitempty"`

	// outputStatus is the status that shall come out; 200 to 599. Default: any.
	// +optional
	// +kubebuilder:validation:Minimum=200
	// +kubebuilder:validation:Maximum=599
	OutputStatus int32 `json:"outputStatus,omitempty"`
}
