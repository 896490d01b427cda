package relay

import (
	"context"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
	"github.com/ambassador-operator/ambassador-operator/proxy/mapping"
	"github.com/ambassador-operator/ambassador-operator/proxy/retry"
)

// plan is what a route asks for beyond being relayed. Most routes have none, and the exchange does not look further then.
//
// With one, a request goes through stages, each of them a file of its own; those that the route does not ask for are
// passed over:
//
//	request edited (edit.go) -> cache looked up -> [admitted -> sent -> sent again?] -> answer edited, mapped -> kept -> client
type plan struct {
	limits  limits
	retry   *retry.Policy
	request requestPlan
	answer  headerEdits
	owned   [][]byte // fields of requests that the client may not give, in lower case
	mapping *mapPlan
	cache   *cachePlan
}

// makePlans makes the plans of an ambassador's routes, or of the one that it has where it names none.
func (s *Service) makePlans(a *config.Ambassador) {
	routes := a.Routes
	if len(routes) == 0 {
		routes = []config.Route{{Path: "/"}}
	}
	for i := range routes {
		s.plans = append(s.plans, s.makePlan(a, &routes[i], s.mappingOf(i)))
	}
}

// makePlan returns nil for a route that is only relayed.
func (s *Service) makePlan(a *config.Ambassador, r *config.Route, m *mapping.Mapping) *plan {
	p := plan{limits: s.limits, retry: s.retry}
	p.limits.override(&r.Timeouts)
	needed := p.limits != s.limits || p.limits.endsCalls() || s.isGuarded(a)
	if r.Retry != nil {
		p.retry, needed = retry.Compile(r.Retry), true
	}
	if p.makeRequestPlan(r, s.Credentials.OwnedFields()) {
		needed = true
	}
	if p.mapping = s.makeMapPlan(m, r); p.mapping != nil {
		needed = true
	}
	if p.cache = s.makeCachePlan(a, r); p.cache != nil {
		needed = true
	}
	if !needed {
		return nil
	}
	return &p
}

// isGuarded reports whether there is more to a call than to make it.
func (s *Service) isGuarded(a *config.Ambassador) bool {
	return s.guard != nil || !s.Upstream.IsOne() || a.Policy.Retry != nil
}

// override takes over what a route says.
func (l *limits) override(t *config.Timeouts) {
	l.connect, l.answer, l.idle = t.Connect.Or(l.connect), t.Response.Or(l.answer), t.Idle.Or(l.idle)
	l.call = t.Call.Or(l.call)
	if t.DeadlineHeader != "" {
		l.header = strings.ToLower(t.DeadlineHeader)
	}
}

// follow has the exchange go by a plan. It is called before the request is composed.
func (x *exchange) follow(p *plan) error {
	x.limits = &p.limits
	x.conn.gap.Store(int64(p.limits.idle))
	if p.request.fixed {
		x.req.Upgrade, x.req.ExpectContinue = nil, false
	}
	if p.mapping != nil {
		x.expectMapped()
	}
	if !p.limits.endsCalls() {
		return nil
	}
	return x.limitCall(&p.limits)
}

// carryOut is perform for a request whose route has a plan.
func (x *exchange) carryOut() error {
	if x.plan.cache != nil {
		if isDone, err := x.fromCache(); isDone || err != nil {
			return err
		}
		if x.isForCache() {
			if err := x.compose(); err != nil {
				return err
			}
		}
	}
	if err := x.persist(); err != nil {
		return x.orStale(err)
	}
	if x.resp.Status == http.StatusSwitchingProtocols {
		return x.tunnel()
	}
	if isDone, err := x.toCache(); isDone || err != nil {
		return err
	}
	if err := x.mapAnswer(); err != nil {
		return x.orStale(err)
	}
	if isDone := x.keepAnswer(); isDone {
		return nil
	}
	return x.pass()
}

// endStages lets go of what the stages of an exchange hold, however it ended.
func (x *exchange) endStages() {
	clear(x.filters) // what they hold is let go
	x.filters, x.reshapes, x.isFollowed = x.filters[:0], false, false
	x.conn.limit.Store(0)
	x.endCaching()
	x.endPersistence()
}

// pause waits, and ends at once where there is no use in waiting.
func (x *exchange) pause(d time.Duration) error {
	if !x.conn.wait.begin(asking, forever) {
		return x.lost(os.ErrDeadlineExceeded)
	}
	return x.whileWanted(func(ctx context.Context) error {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
}
