package proxy

import (
	"context"
	"fmt"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/relay"
)

// open opens a door for every service whose port has none. It opens all or none.
func (s *sidecar) open(services []*service) (opened []*door, err error) {
	for i, service := range services {
		if s.doors[service.ambassador.Port] != nil {
			continue
		}
		next, err := openDoor(service.ambassador.Port)
		if err != nil {
			for _, d := range opened {
				d.abort()
			}
			return nil, fmt.Errorf("ambassadors[%d].port: ambassador %q: %w", i, service.ambassador.Name, err)
		}
		next.server = relay.NewServer(service.relay, relay.Options{Name: service.ambassador.Name, Metrics: s.metrics})
		opened = append(opened, next)
	}
	return opened, nil
}

// enter puts each service behind its door, lets clients in at new ones, and closes those that no service is behind.
func (s *sidecar) enter(services []*service, opened []*door) {
	for _, d := range opened {
		s.doors[d.port] = d
	}
	used := map[int]bool{}
	for _, service := range services {
		port := service.ambassador.Port
		used[port] = true
		s.doors[port].server.Swap(service.relay)
	}
	for _, d := range opened {
		d.enter(s.fail)
	}
	for port, d := range s.doors {
		if !used[port] {
			delete(s.doors, port)
			s.leave(d)
		}
	}
}

// leave closes a door beside everything else.
func (s *sidecar) leave(d *door) {
	s.leaving.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), max(s.options.Grace, time.Second))
		defer cancel()
		s.closeDoor(ctx, d)
	})
}
