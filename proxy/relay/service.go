package relay

import (
	"log/slog"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
	"github.com/ambassador-operator/ambassador-operator/proxy/credential"
	"github.com/ambassador-operator/ambassador-operator/proxy/route"
	"github.com/ambassador-operator/ambassador-operator/proxy/upstream"
)

// The timeouts where the document has none.
const (
	defaultAnswerTimeout = 60 * time.Second
	defaultIdleTimeout   = 5 * time.Minute
)

// Service is one ambassador as it is served. It never changes: a new document makes a new one. Several may share
// credentials or an endpoint, so that what did not change in the document keeps its state.
type Service struct {
	// Name is the ambassador's.
	Name string
	// Routes says where requests go.
	Routes *route.Table
	// Credentials are attached to every request.
	Credentials *credential.Set
	// Upstream gives connections to the service.
	Upstream *upstream.Endpoint

	answerTimeout time.Duration
	idleTimeout   time.Duration
	accessLog     config.AccessLog
	logger        *slog.Logger
	counters      *counters
}

// ServiceOptions are what a Service needs besides its parts.
type ServiceOptions struct {
	// AccessLog says which requests are logged. Empty: [config.AccessLogErrors].
	AccessLog config.AccessLog
	// Logger takes the access log. Nil: none.
	Logger *slog.Logger
	// Metrics takes ambassador_requests_total, ambassador_request_duration_seconds and ambassador_upstream_failures_total.
	// Nil: a set of its own.
	Metrics *metrics.Set
}

// NewService puts an ambassador of a valid document together.
func NewService(a *config.Ambassador, routes *route.Table, credentials *credential.Set, endpoint *upstream.Endpoint, options ServiceOptions) *Service {
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
		options.AccessLog = config.AccessLogOff
	}
	if options.AccessLog == "" {
		options.AccessLog = config.AccessLogErrors
	}
	if options.Metrics == nil {
		options.Metrics = metrics.NewSet()
	}
	return &Service{
		Name:          a.Name,
		Routes:        routes,
		Credentials:   credentials,
		Upstream:      endpoint,
		answerTimeout: a.Upstream.Timeouts.Response.Or(defaultAnswerTimeout),
		idleTimeout:   a.Upstream.Timeouts.Idle.Or(defaultIdleTimeout),
		accessLog:     options.AccessLog,
		logger:        options.Logger,
		counters:      newCounters(options.Metrics, a.Name, routes.Routes()),
	}
}
