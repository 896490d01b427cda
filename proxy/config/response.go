package config

// Response maps a service's answers to those that the application knows.
type Response struct {
	// Rules are looked through in this order, and the first one that fits the answer's status maps it; 1 to 16. An answer
	// that none fits goes on as it comes.
	Rules []ResponseRule `json:"rules"`
	// Stream maps each event of a stream by itself, as it comes, in place of the whole answer. Empty: the whole answer.
	Stream StreamFormat `json:"stream,omitempty"`
	// MaxBytes bounds the content that is mapped, or one event; 1 KiB to 16 MiB. Zero: 1 MiB.
	MaxBytes int64 `json:"maxBytes,omitempty"`
	// TooLarge says what becomes of a longer answer. Empty: "refuse". Events are always refused.
	TooLarge TooLarge `json:"tooLarge,omitempty"`
	// MaxOutputBytes bounds what a program makes of it; 1 KiB to 16 MiB. Zero: 1 MiB.
	MaxOutputBytes int64 `json:"maxOutputBytes,omitempty"`
	// Timeout bounds how long a program runs; 1ms to 1m. Zero: 1s.
	Timeout Duration `json:"timeout,omitzero"`
	// Examples are mapped when the document is loaded, which is refused where one does not come out as said; at most 16.
	Examples []Example `json:"examples,omitempty"`
}

// StreamFormat is how events follow each other.
type StreamFormat string

const (
	// StreamLines is newline-delimited JSON.
	StreamLines StreamFormat = "lines"
	// StreamEvents is server-sent events, of whose data each is JSON.
	StreamEvents StreamFormat = "events"
)

// TooLarge says what becomes of an answer that is too long to be mapped.
type TooLarge string

const (
	// TooLargeRefuse answers 502.
	TooLargeRefuse TooLarge = "refuse"
	// TooLargePass passes the answer on as it is.
	TooLargePass TooLarge = "pass"
)

// ResponseRule maps the answers of some statuses.
type ResponseRule struct {
	// Statuses it fits, such as "404", "4xx" or "200-204"; at most 16. None: "2xx".
	Statuses []string `json:"statuses,omitempty"`
	// JQ is a jq program of at most 16 KiB that makes exactly one value of the answer's JSON, or of null where there is no
	// content, or an error's (4xx, 5xx) is not JSON. Its variables are $status, a number; $captures, an object of the route's
	// captures; and $query, an object of the client's query, each value the last of its name. In a stream it may also make
	// no value of an event, which leaves it out. Empty: the content goes on as it is.
	JQ string `json:"jq,omitempty"`
	// Status takes the place of the answer's; 200 to 599. Zero: the answer's own.
	Status int `json:"status,omitempty"`
	// StatusJQ is a jq program, of the same bound and variables, that makes the status of what JQ has made: a number of 200
	// to 599, or null for the one that holds without it. It is for services that tell of errors in the content of a 200. It
	// stands where JQ does and not in streams, whose status has gone before their events. Empty: none.
	StatusJQ string `json:"statusJQ,omitempty"`
	// ContentType takes the place of the answer's. Empty: "application/json" where JQ is given, "application/x-ndjson" or
	// "text/event-stream" in streams, else the answer's own.
	ContentType string `json:"contentType,omitempty"`
}

// Example is an answer, and what shall become of it.
type Example struct {
	// Status is the answer's. Zero: 200.
	Status int `json:"status,omitempty"`
	// Input is the answer's content, or an event's.
	Input string `json:"input"`
	// Captures and Query are the values of the variables of these names. None: empty.
	Captures map[string]string `json:"captures,omitempty"`
	Query    map[string]string `json:"query,omitempty"`
	// Output is the JSON that shall come out, compared by value. Empty: anything may, as long as the program does not fail.
	Output string `json:"output,omitempty"`
	// OutputStatus is the status that shall come out. Zero: any.
	OutputStatus int `json:"outputStatus,omitempty"`
}
