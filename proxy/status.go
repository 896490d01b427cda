package proxy

import (
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/ambassador-operator/ambassador-operator/proxy/admin"
	"github.com/ambassador-operator/ambassador-operator/proxy/credential"
	"github.com/ambassador-operator/ambassador-operator/proxy/guard"
	"github.com/ambassador-operator/ambassador-operator/proxy/upstream"
)

// Status is what /status shows. It holds names, states, times and counts, never a credential.
type Status struct {
	Version     string             `json:"version"`
	Started     time.Time          `json:"started"`
	Document    DocumentStatus     `json:"document"`
	Ambassadors []AmbassadorStatus `json:"ambassadors"`
}

// DocumentStatus says which document is served.
type DocumentStatus struct {
	File string `json:"file"`
	// Loaded is when the document that is served was.
	Loaded time.Time `json:"loaded"`
	// Problem says why the file as it is now is not what is served. Empty: it is.
	Problem string `json:"problem,omitempty"`
}

// AmbassadorStatus is one ambassador.
type AmbassadorStatus struct {
	Name string `json:"name"`
	// Listeners are the addresses on which it is served.
	Listeners []string `json:"listeners"`
	// Upstream is the URL of the service.
	Upstream string `json:"upstream"`
	// IdleConnections is the number of connections to the service that are kept for the next request.
	IdleConnections int `json:"idleConnections"`
	// Routes are the patterns in the order of the document; "/" alone where every path is forwarded.
	Routes      []string          `json:"routes"`
	Credentials CredentialsStatus `json:"credentials"`
	// Endpoints are those of the service, in the order in which they are preferred. Absent: there is one alone.
	Endpoints []upstream.State `json:"endpoints,omitempty"`
	// Guard is what keeps calls from the service. Absent: nothing does.
	Guard *guard.State `json:"guard,omitempty"`
	// Cache is what is kept of answers. Absent: no route is cached.
	Cache *CacheStatus `json:"cache,omitempty"`
}

// CacheStatus is what a cache holds.
type CacheStatus struct {
	Entries int `json:"entries"`
	// Bytes is what they take, and those that are being filled; at most MaxBytes.
	Bytes    int64 `json:"bytes"`
	MaxBytes int64 `json:"maxBytes"`
}

// CredentialsStatus says what is attached.
type CredentialsStatus struct {
	// Loaded is when what is attached last changed. Absent: nothing was loaded yet, or there is nothing to attach.
	Loaded time.Time `json:"loaded,omitzero"`
	// Fields and Parameters are the names of what is attached.
	Fields     []string `json:"fields,omitempty"`
	Parameters []string `json:"parameters,omitempty"`
	// Problems are what is wrong now.
	Problems []credential.Problem `json:"problems,omitempty"`
}

func (s *sidecar) handler() http.Handler {
	return admin.Handler(admin.Source{
		Missing: func() []credential.Problem { return s.problems(false) },
		Stale:   func() []credential.Problem { return s.problems(true) },
		Metrics: s.writeMetrics,
		Status:  func() any { return s.status() },
	})
}

// problems lists what keeps requests from being forwarded; with kept, what does not because the last good value stays in use.
func (s *sidecar) problems(kept bool) []credential.Problem {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var found []credential.Problem
	for _, service := range s.services {
		for _, problem := range service.credentials.Problems() {
			if problem.Kept == kept {
				found = append(found, problem)
			}
		}
	}
	return found
}

func (s *sidecar) status() Status {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	status := Status{
		Version:  s.options.Version,
		Started:  s.started,
		Document: DocumentStatus{File: s.options.ConfigFile, Loaded: s.loaded},
	}
	if s.problem != nil {
		status.Document.Problem = s.problem.Error()
	}
	for _, service := range s.services {
		next := service.status()
		next.Listeners = s.doors[service.ambassador.Port].addresses()
		status.Ambassadors = append(status.Ambassadors, next)
	}
	return status
}

func (v *service) status() AmbassadorStatus {
	status := AmbassadorStatus{
		Name:            v.ambassador.Name,
		Upstream:        v.ambassador.Upstream.URL,
		IdleConnections: v.upstream.Idle(),
		Credentials: CredentialsStatus{
			Loaded:     v.credentials.Loaded(),
			Fields:     texts(v.credentials.OwnedFields()),
			Parameters: texts(v.credentials.OwnedParameters()),
			Problems:   v.credentials.Problems(),
		},
	}
	for i := range v.ambassador.Routes {
		status.Routes = append(status.Routes, v.ambassador.Routes[i].Path)
	}
	if v.cache != nil {
		usage := v.cache.Usage()
		status.Cache = &CacheStatus{Entries: usage.Entries, Bytes: usage.Bytes, MaxBytes: v.cache.Bounds().Max}
	}
	if !v.upstream.IsOne() {
		status.Endpoints = v.upstream.Look()
	}
	status.Guard = v.guard.Look()
	if len(status.Routes) == 0 {
		status.Routes = []string{"/"}
	}
	return status
}

func texts(names [][]byte) []string {
	var all []string
	for _, name := range names {
		all = append(all, string(name))
	}
	return all
}

// addresses lists all listeners.
func (s *sidecar) addresses() []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var all []string
	for _, port := range slices.Sorted(maps.Keys(s.doors)) {
		all = append(all, s.doors[port].addresses()...)
	}
	return all
}

// count registers the metrics of the sidecar as a whole.
func (s *sidecar) count() {
	s.loads.changed = s.metrics.NewCounter(`ambassador_document_loads_total{result="changed"}`)
	s.loads.failed = s.metrics.NewCounter(`ambassador_document_loads_total{result="failed"}`)
	s.metrics.RegisterMetricsWriter(s.writeGauges)
}

// writeGauges writes what has its value only when it is asked for.
func (s *sidecar) writeGauges(w io.Writer) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	metrics.WriteGaugeUint64(w, `ambassador_build_info{version=`+strconv.Quote(s.options.Version)+`}`, 1)
	metrics.WriteGaugeFloat64(w, "ambassador_document_age_seconds", time.Since(s.loaded).Seconds())
	valid := uint64(1)
	if s.problem != nil {
		valid = 0
	}
	metrics.WriteGaugeUint64(w, "ambassador_document_valid", valid)
	for _, service := range s.services {
		label := `{ambassador="` + service.ambassador.Name + `"}`
		if loaded := service.credentials.Loaded(); !loaded.IsZero() {
			metrics.WriteGaugeFloat64(w, "ambassador_credential_age_seconds"+label, time.Since(loaded).Seconds())
		}
		metrics.WriteGaugeUint64(w, "ambassador_upstream_idle_connections"+label, uint64(service.upstream.Idle()))
		service.writeHealth(w)
		if service.cache != nil {
			usage := service.cache.Usage()
			metrics.WriteGaugeUint64(w, "ambassador_cache_entries"+label, uint64(usage.Entries))
			metrics.WriteGaugeUint64(w, "ambassador_cache_bytes"+label, uint64(usage.Bytes))
			metrics.WriteCounterUint64(w, "ambassador_cache_evictions_total"+label, usage.Evicted)
		}
	}
	for _, port := range slices.Sorted(maps.Keys(s.doors)) {
		metrics.WriteGaugeUint64(w, `ambassador_connections_open{port="`+strconv.Itoa(port)+`"}`, uint64(s.doors[port].server.Connections()))
	}
}

func (s *sidecar) writeMetrics(w io.Writer) {
	s.metrics.WritePrometheus(w)
	metrics.WriteProcessMetrics(w)
	metrics.WriteFDMetrics(w)
}
