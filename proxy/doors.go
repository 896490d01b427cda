package proxy

import (
	"context"
	"fmt"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
	"github.com/ambassador-operator/ambassador-operator/proxy/relay"
	"github.com/ambassador-operator/ambassador-operator/proxy/route"
)

// behind is what stands behind the door of one port.
type behind struct {
	port  int
	first int // the place in the document of the first ambassador that names the port
	relay *relay.Port
}

// ports puts the services that name the same port together, in the order of the document.
func ports(services []*service) []behind {
	var order []int
	routes, relays, first := map[int][][]config.Route{}, map[int][]*relay.Service{}, map[int]int{}
	for i, service := range services {
		port := service.ambassador.Port
		if _, known := first[port]; !known {
			order, first[port] = append(order, port), i
		}
		routes[port] = append(routes[port], service.ambassador.Routes)
		relays[port] = append(relays[port], service.relay)
	}
	var all []behind
	for _, port := range order {
		all = append(all, behind{port, first[port], relay.NewPort(route.Compile(routes[port]...), relays[port]...)})
	}
	return all
}

// open opens a door for every port that has none. It opens all or none.
func (s *sidecar) open(services []*service, ports []behind) (opened []*door, err error) {
	for _, port := range ports {
		if s.doors[port.port] != nil {
			continue
		}
		next, err := openDoor(port.port)
		if err != nil {
			for _, d := range opened {
				d.abort()
			}
			return nil, fmt.Errorf("ambassadors[%d].port: ambassador %q: %w", port.first, services[port.first].ambassador.Name, err)
		}
		next.server = relay.NewServer(port.relay, relay.Options{Port: port.port, Metrics: s.metrics})
		opened = append(opened, next)
	}
	return opened, nil
}

// enter puts services behind their doors, lets clients in at new ones, and closes those that no service is behind.
func (s *sidecar) enter(ports []behind, opened []*door) {
	for _, d := range opened {
		s.doors[d.port] = d
	}
	used := map[int]bool{}
	for _, port := range ports {
		used[port.port] = true
		s.doors[port.port].server.Swap(port.relay)
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
