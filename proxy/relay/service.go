package relay

import (
	"cmp"
	"log/slog"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/ambassador-operator/ambassador-operator/proxy/cache"
	"github.com/ambassador-operator/ambassador-operator/proxy/config"
	"github.com/ambassador-operator/ambassador-operator/proxy/credential"
	"github.com/ambassador-operator/ambassador-operator/proxy/guard"
	"github.com/ambassador-operator/ambassador-operator/proxy/mapping"
	"github.com/ambassador-operator/ambassador-operator/proxy/retry"
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
	// Credentials are attached to every request.
	Credentials *credential.Set
	// Upstream gives connections to the service.
	Upstream *upstream.Group

	first     *upstream.Endpoint // of Upstream: where requests go that no plan sends elsewhere
	limits    limits
	plans     []*plan // of each route in the document's order
	accessLog config.AccessLog
	logger    *slog.Logger
	counters  *counters
	cache     *cache.Store  // nil: nothing is kept
	guard     *guard.Guard  // nil: all may go
	retry     *retry.Policy // of routes that have none of their own
	mappings  []*mapping.Mapping
	budget    *retry.Budget
}

// Port is what one loopback port serves: the ambassadors that name it, and the one table of their routes.
type Port struct {
	routes   *route.Table
	services []*Service // by the owner in routes
}

// NewPort puts the services of a port together, at least one. routes was compiled from theirs, in the same order.
func NewPort(routes *route.Table, services ...*Service) *Port {
	return &Port{routes, services}
}

// limits are how long the parts of a call may take.
type limits struct {
	connect time.Duration // until there is a connection; 0: as the endpoint has it
	answer  time.Duration // until the answer begins
	idle    time.Duration // between two pieces of content
	call    time.Duration // for all of it; 0: no limit
	header  string        // in which the client may say how long that is, in lower case; "": none
}

func limitsOf(t *config.Timeouts) limits {
	l := limits{answer: defaultAnswerTimeout, idle: defaultIdleTimeout}
	l.override(t)
	return l
}

// endsCalls reports whether a call as a whole may have a limit.
func (l *limits) endsCalls() bool { return l.call > 0 || l.header != "" }

// ServiceOptions are what a Service needs besides its parts.
type ServiceOptions struct {
	// AccessLog says which requests are logged. Empty: [config.AccessLogErrors].
	AccessLog config.AccessLog
	// Logger takes the access log. Nil: none.
	Logger *slog.Logger
	// Metrics takes ambassador_requests_total, ambassador_request_duration_seconds and ambassador_upstream_failures_total.
	// Nil: a set of its own.
	Metrics *metrics.Set
	// Guard admits calls to the service. Nil: all may go.
	Guard *guard.Guard
	// Budget bounds how many calls are retried at one time. Nil: one of the service's own.
	Budget *retry.Budget
	// Mappings are those of the routes' answers, by the routes' place in the document. Nil, or an entry that is: there are
	// none.
	Mappings []*mapping.Mapping
	// Cache keeps the answers of the routes that have a rule for it. Nil: a store of the service's own, where there is such
	// a route.
	Cache *cache.Store
}

// mappingOf returns the mapping of a route's answers, or nil.
func (s *Service) mappingOf(route int) *mapping.Mapping {
	if route >= len(s.mappings) {
		return nil
	}
	return s.mappings[route]
}

// NewService puts an ambassador of a valid document together.
func NewService(a *config.Ambassador, credentials *credential.Set, group *upstream.Group, options ServiceOptions) *Service {
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
	s := &Service{
		Name:        a.Name,
		Credentials: credentials,
		Upstream:    group,
		first:       group.First(),
		limits:      limitsOf(&a.Upstream.Timeouts),
		accessLog:   options.AccessLog,
		logger:      options.Logger,
		counters:    newCounters(options.Metrics, a),
		cache:       options.Cache,
		mappings:    options.Mappings,
		guard:       options.Guard,
		retry:       retry.Compile(a.Policy.Retry),
		budget:      cmp.Or(options.Budget, new(retry.Budget)),
	}
	if s.cache == nil && cache.IsWanted(a) {
		s.cache = cache.NewStore(a.Policy.Cache)
	}
	if s.cache != nil {
		s.counters.cache = newCacheCounters(options.Metrics, a.Name)
	}
	s.makePlans(a)
	return s
}
