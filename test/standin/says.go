package standin

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"
)

// words are what /stand-in/events tells, one event each.
var words = []string{
	`data: {"choices":[{"delta":{"content":"Hel"}}]}`, `data: {"choices":[{"delta":{"content":"lo"}}]}`,
	`data: {"choices":[]}`, ": still here", "data: [DONE]",
}

// numbers are what /stand-in/lines tells, one line each.
var numbers = []string{`{"number":1,"square":1}`, `{"number":2,"square":4}`, `{"number":3,"square":9}`}

// saying adds to a service what it lacks, as [BadDays] tells it, so that whatever services do can be tried on one.
func saying(service http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/stand-in/says", say)
	mux.HandleFunc("GET /stand-in/events", tell("text/event-stream", words, "\n\n"))
	mux.HandleFunc("GET /stand-in/lines", tell("application/x-ndjson", numbers, "\n"))
	mux.Handle("/", service)
	return mux
}

// say answers with the fields that the query spells as fields; keys are spelled otherwise.
func say(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	for name, values := range r.URL.Query() {
		if name != "" && unicode.IsUpper(rune(name[0])) {
			w.Header()[http.CanonicalHeaderKey(name)] = values
		}
	}
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader("as you say\n"))
}

// tell answers with pieces, each of which leaves at once.
func tell(contentType string, pieces []string, end string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		pause, err := time.ParseDuration(cmp.Or(r.URL.Query().Get("pause"), "0"))
		if err != nil {
			http.Error(w, "pause: "+err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", contentType)
		flusher := http.NewResponseController(w)
		for i, piece := range pieces {
			if i > 0 && !wait(r, pause) {
				return
			}
			_, _ = fmt.Fprint(w, piece, end) // a client that has gone ends the wait
			_ = flusher.Flush()
		}
	}
}

// wait reports whether the client is still there afterwards.
func wait(r *http.Request, pause time.Duration) bool {
	select {
	case <-time.After(pause):
		return true
	case <-r.Context().Done():
		return false
	}
}
