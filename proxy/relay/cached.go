package relay

import (
	"context"
	"encoding/json"
	"errors"
	"hash/fnv"
	"net"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/cache"
	"github.com/ambassador-operator/ambassador-operator/proxy/config"
	"github.com/ambassador-operator/ambassador-operator/proxy/http1"
)

// cachePlan is what a route asks of its ambassador's cache.
type cachePlan struct {
	store *cache.Store
	rule  *config.CacheRule // nil: the route's answers are not kept; what its requests change is forgotten all the same
	scope uint64
}

// makeCachePlan returns nil where the cache has no part in a route.
func (s *Service) makeCachePlan(a *config.Ambassador, r *config.Route) *cachePlan {
	if s.cache == nil {
		return nil
	}
	rule := cache.RuleOf(a, r)
	if rule == nil && !mayPurge(r.Methods) {
		return nil
	}
	return &cachePlan{store: s.cache, rule: rule, scope: scopeOf(r, rule)}
}

// mayPurge reports whether requests of a route's methods may change what is kept. No methods are all.
func mayPurge(methods []string) bool {
	return len(methods) == 0 || slices.ContainsFunc(methods, func(m string) bool { return cache.Purges([]byte(m), http.StatusOK) })
}

// scopeOf tells routes apart, and what they make of an answer: another route has others, and so has the same one after a
// change of anything in it.
func scopeOf(r *config.Route, rule *config.CacheRule) uint64 {
	text, err := json.Marshal([]any{r, rule})
	if err != nil {
		panic(err) // strings and numbers do not fail
	}
	hash := fnv.New64a()
	hash.Write(text)
	return hash.Sum64()
}

// caching is an exchange's part in a cache: it looks for an answer (this file), gives one that is kept (cachegive.go), or
// keeps the service's (cachekeep.go).
type caching struct {
	query       cache.Query
	entry       *cache.Entry // which the service is asked about, or that may stand in for it
	reason      cache.Reason
	fill        *cache.Fill
	asked       time.Duration
	terms       cache.Terms
	isLookedUp  bool // the query's key is that of this request
	isValidated bool // the service is asked about the entry
	isCollapsed bool // somebody else's request was waited for

	// What is written with an entry.
	status  []byte
	pieces  [2][]byte
	buffers net.Buffers
}

var errNotCached = errors.New("the client wants a kept answer, and there is none")

// maxFollow is how long others wait for the content of an answer that has begun: a client may be slow to take it.
const maxFollow = 5 * time.Second

// fromCache answers from the cache where it can, and prepares what is asked of the service otherwise. It reports whether
// there is nothing left to do.
func (x *exchange) fromCache() (isDone bool, err error) {
	c := &x.cached
	if c.reason = x.readQuery(); c.reason != "" {
		return false, nil
	}
	for {
		at := now()
		found := x.plan.cache.store.Look(&c.query, at)
		c.entry, c.reason = found.Entry, found.Reason
		switch {
		case found.Verdict == cache.HitStale && x.conn.isAlone:
			c.reason = cache.ReasonStale // that entry is what the service is to be asked about
		case found.Verdict == cache.Hit && x.conn.isAlone:
			return true, nil
		case found.Verdict == cache.Hit, found.Verdict == cache.HitStale:
			return true, x.hit(found.Verdict, at)
		case found.Verdict == cache.Unavailable:
			return false, errNotCached
		case found.Verdict == cache.Bypass:
			return false, nil
		}
		leader := x.lead()
		if leader == nil {
			x.validate()
			return false, nil
		}
		if x.conn.isAlone {
			return true, nil // it is being asked for
		}
		if err := x.await(leader); err != nil {
			return false, err
		}
	}
}

// isForCache reports whether the request is one that the cache may answer: then it is composed when it turns out not to.
func (x *exchange) isForCache() bool {
	p := x.plan
	return p != nil && p.cache != nil && p.cache.rule != nil && x.req.Framing == http1.NoBody && x.req.Upgrade == nil && !p.request.fixed
}

// readQuery reads the request. Where the cache can not answer it, it reads the target alone, and returns why.
func (x *exchange) readQuery() cache.Reason {
	p, q := x.plan.cache, &x.cached.query
	q.Key = x.match.AppendTarget(q.Key[:0], "", x.req.Path, x.req.Query, x.req.HasQuery, x.service.Credentials.OwnedParameters(), nil)
	x.cached.isLookedUp = true
	method := string(x.method())
	if method != http.MethodGet && method != http.MethodHead {
		return cache.ReasonMethod
	}
	if !x.isForCache() || method != string(x.req.Method) || x.attached != x.service.Credentials.Current() {
		return cache.ReasonBypass
	}
	q.Scope, q.Owner, q.Rule, q.IsHead = p.scope, x.attached, p.rule, x.isHead
	q.Read(x.req.Fields)
	return ""
}

// lead registers that the service is asked, or returns whom to wait for.
func (x *exchange) lead() (leader *cache.Fill) {
	c := &x.cached
	if !c.query.MayKeep() {
		return nil
	}
	fill, leads := x.plan.cache.store.Begin(&c.query, !c.isCollapsed, now())
	if !leads {
		return fill
	}
	c.fill = fill
	return nil
}

// await waits until somebody else's answer is kept, or will not be.
func (x *exchange) await(leader *cache.Fill) error {
	x.cached.isCollapsed = true
	if !x.conn.wait.begin(asking, forever) {
		return x.lost(os.ErrDeadlineExceeded)
	}
	return x.whileWanted(func(ctx context.Context) error {
		select {
		case <-leader.Begun():
		case <-leader.Done():
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
		timer := time.NewTimer(maxFollow)
		defer timer.Stop()
		select {
		case <-leader.Done():
		case <-timer.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		return nil
	})
}

// validate has the service asked about the entry, if there is one and the answer may be kept.
func (x *exchange) validate() {
	c := &x.cached
	c.asked = now()
	c.isValidated = c.entry != nil && c.fill != nil && c.entry.CanValidate()
	if c.isValidated {
		x.req.Fields = cache.Condition(x.req.Fields, c.entry)
	}
}

// endCaching lets go of what an exchange holds of a cache, however it ended.
func (x *exchange) endCaching() {
	c := &x.cached
	if c.fill != nil {
		c.fill.Abandon()
	}
	c.entry, c.fill = nil, nil
	c.isLookedUp, c.isValidated, c.isCollapsed = false, false, false
}
