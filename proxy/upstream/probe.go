package upstream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

const (
	defaultProbeInterval = 10 * time.Second
	defaultProbeTimeout  = 5 * time.Second
	// probesAfter is how many intervals after the last call probing ends: an ambassador that nobody uses asks nothing.
	probesAfter = 6
)

// Asker asks an endpoint for a path under its base path, with a GET request that carries the credentials, and returns the
// answer's status. It is the relay's.
type Asker func(ctx context.Context, e *Endpoint, path string) (status int, err error)

// probes says how failing endpoints are asked whether they are back.
type probes struct {
	path              string
	statuses          config.Statuses
	interval, timeout time.Duration
}

func newProbes(p *config.Probe) (*probes, error) {
	statuses, err := config.ParseStatuses(p.Statuses)
	if err != nil {
		return nil, fmt.Errorf("upstream.health.probe.statuses: %w", err)
	}
	return &probes{p.Path, statuses, p.Interval.Or(defaultProbeInterval), p.Timeout.Or(defaultProbeTimeout)}, nil
}

// SetAsker says who asks. Until then nobody is asked.
func (g *Group) SetAsker(asker Asker) { g.asker.Store(&asker) }

// wake has failing endpoints asked until they are well, or nobody calls any more.
func (g *Group) wake() {
	g.called.Store(time.Now().UnixNano())
	if g.asker.Load() != nil && g.context.Err() == nil && g.probing.CompareAndSwap(false, true) {
		go g.probe()
	}
}

func (g *Group) probe() {
	defer g.probing.Store(false)
	ticker := time.NewTicker(g.probes.interval)
	defer ticker.Stop()
	for g.isFailing() {
		select {
		case <-g.context.Done():
			return
		case <-ticker.C:
		}
		if time.Since(time.Unix(0, g.called.Load())) > probesAfter*g.probes.interval {
			return
		}
		for _, m := range g.members {
			if !m.health.isWell() && g.ask(m.Endpoint) == nil {
				m.health.recover()
			}
		}
	}
}

var errProbeStatus = errors.New("the answer's status is not one of those that say so")

func (g *Group) ask(e *Endpoint) error {
	ctx, cancel := context.WithTimeout(g.context, g.probes.timeout)
	defer cancel()
	status, err := (*g.asker.Load())(ctx, e, g.probes.path)
	if err == nil && !g.probes.statuses.Matches(status) {
		return errProbeStatus
	}
	return err
}
