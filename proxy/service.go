package proxy

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/ambassador-operator/ambassador-operator/proxy/cache"
	"github.com/ambassador-operator/ambassador-operator/proxy/config"
	"github.com/ambassador-operator/ambassador-operator/proxy/credential"
	"github.com/ambassador-operator/ambassador-operator/proxy/guard"
	"github.com/ambassador-operator/ambassador-operator/proxy/mapping"
	"github.com/ambassador-operator/ambassador-operator/proxy/relay"
	"github.com/ambassador-operator/ambassador-operator/proxy/retry"
	"github.com/ambassador-operator/ambassador-operator/proxy/upstream"
)

// service is one ambassador of a document, compiled.
type service struct {
	ambassador  *config.Ambassador
	credentials *credential.Set
	upstream    *upstream.Group
	guard       *guard.Guard // nil: none is asked for
	budget      *retry.Budget
	cache       *cache.Store // nil: none of its routes is cached
	relay       *relay.Service
}

var errNoFolder = errors.New("credentials: they are read from files; name their folder with --credentials")

// compile makes the services of a valid document. What the services before hold is taken over where what it
// depends on is the same: endpoints with their connections and health; a breaker, a bucket, a cool-down; the last good
// credentials; what is cached.
func (s *sidecar) compile(document *config.Document) ([]*service, error) {
	mappings, err := mapping.CompileDocument(document)
	if err != nil {
		return nil, err
	}
	var services []*service
	for i := range document.Ambassadors {
		next, err := s.compileService(&document.Ambassadors[i], mappings[i], document.AccessLog)
		if err != nil {
			discard(services, s.services)
			return nil, fmt.Errorf("ambassadors[%d]: %w", i, err)
		}
		services = append(services, next)
	}
	return services, nil
}

func (s *sidecar) compileService(a *config.Ambassador, mappings []*mapping.Mapping, log config.AccessLog) (*service, error) {
	if s.options.CredentialsFolder == "" && len(a.Credentials) > 0 {
		return nil, errNoFolder
	}
	next := &service{ambassador: a, budget: new(retry.Budget)}
	before := s.serviceNamed(a.Name)
	if before == nil {
		before = new(service)
	} else {
		next.budget = before.budget
	}
	var err error
	if next.upstream, err = s.groupFor(a, before); err != nil {
		return nil, err
	}
	next.credentials = credential.New(a, credential.Options{
		Folder: s.options.CredentialsFolder, Logger: s.logger, Metrics: s.metrics, Previous: before.credentials,
	})
	next.guard = guard.New(&a.Policy, guard.Options{Name: a.Name, Metrics: s.metrics, Previous: before.guard})
	if cache.IsWanted(a) {
		next.cache = s.cacheFor(a)
	}
	next.relay = relay.NewService(a, next.credentials, next.upstream, relay.ServiceOptions{
		AccessLog: log, Logger: s.logger, Metrics: s.metrics, Mappings: mappings, Cache: next.cache, Guard: next.guard, Budget: next.budget,
	})
	return next, nil
}

// groupFor returns the endpoints of the service before where the upstream is the same, or a group that takes over those
// that are.
func (s *sidecar) groupFor(a *config.Ambassador, before *service) (*upstream.Group, error) {
	if before.ambassador != nil && reflect.DeepEqual(before.ambassador.Upstream, a.Upstream) {
		return before.upstream, nil
	}
	return upstream.NewGroup(&a.Upstream, upstream.Options{
		Name: a.Name, Folder: s.options.CredentialsFolder, Metrics: s.metrics, Logger: s.logger,
	}, before.upstream)
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

// discard closes the groups of services that none of kept uses, and of their endpoints those that none of kept has.
func discard(services, kept []*service) {
	var groups []*upstream.Group
	for _, service := range kept {
		groups = append(groups, service.upstream)
	}
	for _, service := range services {
		if !slices.Contains(groups, service.upstream) {
			service.upstream.Close(groups...)
		}
	}
}
