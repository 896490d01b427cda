package proxy

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/ambassador-operator/ambassador-operator/proxy/cache"
	"github.com/ambassador-operator/ambassador-operator/proxy/config"
	"github.com/ambassador-operator/ambassador-operator/proxy/credential"
	"github.com/ambassador-operator/ambassador-operator/proxy/relay"
	"github.com/ambassador-operator/ambassador-operator/proxy/upstream"
)

// service is one ambassador of a document, compiled.
type service struct {
	ambassador  *config.Ambassador
	credentials *credential.Set
	endpoint    *upstream.Endpoint
	cache       *cache.Store // nil: none of its routes is cached
	relay       *relay.Service
}

var errNoFolder = errors.New("credentials: they are read from files; name their folder with --credentials")

// compile makes the services of a valid document. What the services before hold is taken over: an endpoint, and with it
// its connections, where the upstream is the same; the last good credentials; what is cached, where neither has changed.
func (s *sidecar) compile(document *config.Document) ([]*service, error) {
	var services []*service
	for i := range document.Ambassadors {
		next, err := s.compileService(&document.Ambassadors[i], document.AccessLog)
		if err != nil {
			discard(services, s.services)
			return nil, fmt.Errorf("ambassadors[%d]: %w", i, err)
		}
		services = append(services, next)
	}
	return services, nil
}

func (s *sidecar) compileService(a *config.Ambassador, log config.AccessLog) (*service, error) {
	if s.options.CredentialsFolder == "" && len(a.Credentials) > 0 {
		return nil, errNoFolder
	}
	next := &service{ambassador: a}
	options := credential.Options{Folder: s.options.CredentialsFolder, Logger: s.logger, Metrics: s.metrics}
	if before := s.serviceNamed(a.Name); before != nil {
		options.Previous = before.credentials
		if reflect.DeepEqual(before.ambassador.Upstream, a.Upstream) {
			next.endpoint = before.endpoint
		}
	}
	if next.endpoint == nil {
		var err error
		next.endpoint, err = upstream.New(&a.Upstream, upstream.Options{
			Name: a.Name, Folder: s.options.CredentialsFolder, Metrics: s.metrics, Logger: s.logger,
		})
		if err != nil {
			return nil, err
		}
	}
	next.credentials = credential.New(a, options)
	if cache.IsWanted(a) {
		next.cache = s.cacheFor(a)
	}
	next.relay = relay.NewService(a, next.credentials, next.endpoint, relay.ServiceOptions{
		AccessLog: log, Logger: s.logger, Metrics: s.metrics, Cache: next.cache,
	})
	return next, nil
}

// cacheFor returns the store of the service before, where what it holds is an answer still and its bounds are the same, or
// an empty one. What is kept for a route is found by no other, nor by the same one once it has changed.
func (s *sidecar) cacheFor(a *config.Ambassador) *cache.Store {
	before := s.serviceNamed(a.Name)
	if before == nil || before.cache == nil || !reflect.DeepEqual(before.ambassador.Upstream, a.Upstream) ||
		!reflect.DeepEqual(before.ambassador.Credentials, a.Credentials) || before.cache.Bounds() != cache.BoundsOf(a.Policy.Cache) {
		return cache.NewStore(a.Policy.Cache)
	}
	return before.cache
}

func (s *sidecar) serviceNamed(name string) *service {
	for _, service := range s.services {
		if service.ambassador.Name == name {
			return service
		}
	}
	return nil
}

// discard closes the endpoints of services that none of kept uses.
func discard(services, kept []*service) {
	for _, service := range services {
		used := false
		for _, other := range kept {
			used = used || other.endpoint == service.endpoint
		}
		if !used {
			service.endpoint.Close()
		}
	}
}
