package upstream

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"sync/atomic"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// What health is judged by where the document does not say.
const (
	defaultFailures   = 3
	defaultRetryAfter = 10 * time.Second
)

// Group is the endpoints of one service in the order in which they are preferred. It is safe for concurrent use.
//
// Health is passive: it is what calls have met. An endpoint that has failed some times in a row is turned away from. After
// a while one call tries it, while the others stay where they are; or it is asked by itself (probe.go). Health never
// refuses a call: where all endpoints fail, the one that has done so for longest is called.
type Group struct {
	members    []*member
	failures   int
	retryAfter time.Duration
	probes     *probes // nil: calls find out

	context context.Context // ends when the group is closed
	close   context.CancelFunc
	asker   atomic.Pointer[Asker]
	probing atomic.Bool
	called  atomic.Int64 // when an endpoint was last chosen while one was failing
}

// member is one endpoint of a group.
type member struct {
	*Endpoint
	upstream config.Upstream // what it was made from
	health   *health
}

// NewGroup makes the endpoints of a valid document's upstream. It reads and dials nothing. Endpoints of the previous group
// that are the same, and their health, are taken over; previous may be nil.
func NewGroup(u *config.Upstream, options Options, previous *Group) (*Group, error) {
	g := &Group{
		failures:   cmp.Or(u.Health.Failures, defaultFailures),
		retryAfter: u.Health.RetryAfter.Or(defaultRetryAfter),
	}
	if err := g.fill(u, options, previous); err != nil {
		g.Close(previous)
		return nil, err
	}
	if u.Health.Probe != nil && len(g.members) > 1 {
		var err error
		if g.probes, err = newProbes(u.Health.Probe); err != nil {
			g.Close(previous)
			return nil, err
		}
	}
	g.context, g.close = context.WithCancel(context.Background())
	return g, nil
}

func (g *Group) fill(u *config.Upstream, options Options, previous *Group) error {
	for i, url := range append([]string{u.URL}, u.Failover...) {
		own := config.Upstream{URL: url, TLS: u.TLS, DenyCIDRs: u.DenyCIDRs, Timeouts: config.Timeouts{Connect: u.Timeouts.Connect}}
		if m := previous.take(&own, g); m != nil {
			g.members = append(g.members, m)
			continue
		}
		e, err := New(&own, options)
		if err != nil && i > 0 {
			return fmt.Errorf("upstream.failover[%d]: %w", i-1, err)
		}
		if err != nil {
			return err
		}
		g.members = append(g.members, &member{Endpoint: e, upstream: own, health: new(health)})
	}
	if len(g.members) > 1 {
		for i, m := range g.members {
			m.health.count(options.Metrics, options.Name, i)
		}
	}
	return nil
}

// take returns the member that was made from the same, and that the next group does not have yet.
func (g *Group) take(own *config.Upstream, next *Group) *member {
	if g == nil {
		return nil
	}
	for _, m := range g.members {
		if reflect.DeepEqual(&m.upstream, own) && !next.has(m.Endpoint) {
			return m
		}
	}
	return nil
}

func (g *Group) has(e *Endpoint) bool {
	if g == nil {
		return false
	}
	for _, m := range g.members {
		if m.Endpoint == e {
			return true
		}
	}
	return false
}

// First returns the endpoint that is preferred.
func (g *Group) First() *Endpoint { return g.members[0].Endpoint }

// IsOne reports whether there is no other endpoint to turn to.
func (g *Group) IsOne() bool { return len(g.members) == 1 }

// Idle returns how many connections are kept for the next request.
func (g *Group) Idle() int {
	n := 0
	for _, m := range g.members {
		n += m.Idle()
	}
	return n
}

// Close ends probing, and closes the endpoints that none of the groups kept has.
func (g *Group) Close(kept ...*Group) {
	if g.close != nil {
		g.close()
	}
	for _, m := range g.members {
		used := false
		for _, other := range kept {
			used = used || other.has(m.Endpoint)
		}
		if !used {
			m.Endpoint.Close()
		}
	}
}

// State is what an endpoint looks like at one moment.
type State struct {
	// URL is the endpoint's.
	URL string `json:"url"`
	// Failing is since when it is turned away from. Absent: it is not.
	Failing time.Time `json:"failing,omitzero"`
	// Failures are the calls in a row that failed last.
	Failures int `json:"failures,omitempty"`
	// IdleConnections is the number of connections that are kept for the next request.
	IdleConnections int `json:"idleConnections"`
}

// Look returns the endpoints' states, in their order.
func (g *Group) Look() []State {
	states := make([]State, len(g.members))
	for i, m := range g.members {
		states[i] = State{URL: m.upstream.URL, IdleConnections: m.Idle()}
		states[i].Failing, states[i].Failures = m.health.look()
	}
	return states
}
