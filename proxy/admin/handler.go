package admin

import (
	"encoding/json"
	"io"
	"net/http"

	"github.com/ambassador-operator/ambassador-operator/proxy/credential"
)

// Source is what the handler shows. All of its functions are set, and safe for concurrent use.
type Source struct {
	// Missing lists what keeps requests from being forwarded; empty when the sidecar is ready.
	Missing func() []credential.Problem
	// Stale lists what is wrong with values in whose place the last good ones stay in use.
	Stale func() []credential.Problem
	// Metrics writes the metrics in Prometheus' text format.
	Metrics func(w io.Writer)
	// Status returns a value that encoding/json can write.
	Status func() any
}

// unready is the body of /readyz while something is missing.
type unready struct {
	Missing []credential.Problem `json:"missing"`
}

// stale is the body of /readyz while requests are forwarded with values that are not the newest.
type stale struct {
	Stale []credential.Problem `json:"stale"`
}

// Handler answers for the source.
func Handler(source Source) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		answer := source.answer(r.URL.Path)
		switch {
		case answer == nil:
			http.Error(w, "not found; there are /healthz, /readyz, /metrics and /status", http.StatusNotFound)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "read only", http.StatusMethodNotAllowed)
		default:
			answer(w)
		}
	})
}

// answer returns what answers a path, or nil.
func (s *Source) answer(path string) func(http.ResponseWriter) {
	switch path {
	case "/healthz":
		return ok
	case "/readyz":
		return s.ready
	case "/metrics":
		return s.metrics
	case "/status":
		return func(w http.ResponseWriter) { writeJSON(w, http.StatusOK, s.Status()) }
	}
	return nil
}

func ok(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, "ok\n")
}

func (s *Source) ready(w http.ResponseWriter) {
	if missing := s.Missing(); len(missing) > 0 {
		writeJSON(w, http.StatusServiceUnavailable, unready{missing})
		return
	}
	if problems := s.Stale(); len(problems) > 0 {
		writeJSON(w, http.StatusOK, stale{problems})
		return
	}
	ok(w)
}

func (s *Source) metrics(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	s.Metrics(w)
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	body, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		http.Error(w, "the answer can not be written as JSON", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n'))
}
