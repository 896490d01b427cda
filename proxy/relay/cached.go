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
	"strings"
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
	p := &cachePlan{store: s.cache, rule: cache.RuleOf(a, r)}
	if p.rule == nil && len(r.Methods) > 0 && !slices.ContainsFunc(r.Methods, func(m string) bool { return cache.Purges([]byte(m), http.StatusOK) }) {
		return nil
	}
	p.scope = scopeOf(r, p.rule)
	return p
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

// caching is an exchange's part in a cache.
type caching struct {
	query       cache.Query
	entry       *cache.Entry // which the service is asked about, or that may stand in for it
	reason      cache.Reason
	fill        *cache.Fill
	asked       time.Duration
	isLookedUp  bool // the query is read
	isValidated bool // the service is asked about the entry
	isCollapsed bool // somebody else's request was waited for
	terms       cache.Terms
	at          time.Duration // of the last look
	status      []byte
	buffers     net.Buffers
	pieces      [2][]byte
}

var errNotCached = errors.New("the client wants a kept answer, and there is none")

// maxFollow is how long others wait for the content of an answer that has begun: a client may be slow to take it.
const maxFollow = 5 * time.Second

// fromCache answers from the cache where it can, and prepares what is asked of the service otherwise. It reports whether the
// exchange is answered.
func (x *exchange) fromCache() (isAnswered bool, err error) {
	c := &x.cached
	c.reason = x.readQuery()
	if c.reason != "" {
		return false, nil
	}
	for {
		c.at = now()
		outcome := x.plan.cache.store.Look(&c.query, c.at)
		if x.conn.isAlone && outcome.Verdict == cache.HitStale {
			outcome = cache.Outcome{Verdict: cache.Validate, Entry: outcome.Entry, Reason: cache.ReasonStale}
		}
		c.entry, c.reason = outcome.Entry, outcome.Reason
		switch outcome.Verdict {
		case cache.Hit, cache.HitStale:
			return true, x.hit(outcome.Verdict)
		case cache.Unavailable:
			return false, errNotCached
		case cache.Bypass:
			return false, nil
		}
		leader := x.begins()
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

// readQuery reads the request, unless the cache has no part in it: then it returns why.
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

// begins registers that the service is asked, or returns whom to wait for.
func (x *exchange) begins() (leader *cache.Fill) {
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

// hit answers with an entry.
func (x *exchange) hit(verdict cache.Verdict) error {
	c := &x.cached
	if x.conn.isAlone {
		return nil // it is fresh by now
	}
	if verdict == cache.HitStale {
		x.service.counters.cache.stale.Inc()
		x.askBehind()
	} else {
		x.service.counters.cache.hits.Inc()
	}
	c.status = cache.AppendHit(c.status[:0], c.entry, c.at, c.isCollapsed)
	return x.give(c.entry, c.at)
}

// give writes an entry, or that the client holds it already. What the cache did about the request is in status.
func (x *exchange) give(e *cache.Entry, at time.Duration) error {
	c := &x.cached
	x.keep = x.keep && x.skipContent() && !x.conn.server.draining.Load()
	if !x.conn.wait.begin(answering, at+x.limits.idle) {
		return x.lost(os.ErrDeadlineExceeded)
	}
	x.passing, x.answered, x.status = true, true, e.Status()
	isNotModified := c.query.IsFresh(e)
	if isNotModified {
		x.status = http.StatusNotModified
		x.out = e.AppendNotModified(x.out[:0], at)
	} else {
		x.out = e.AppendHead(x.out[:0], at)
	}
	x.out = append(x.out, x.plan.answer.lines...) // an entry is of a route with just these
	x.out = http1.AppendField(x.out, cache.StatusField, c.status)
	x.out = x.appendPersistence(x.out)
	x.out = append(x.out, http1.CRLF...)
	if isNotModified || x.isHead {
		return x.flush()
	}
	return x.flushWith(e.Body())
}

// flushWith writes what is in out, and content that must not be changed, in one go.
func (x *exchange) flushWith(content []byte) error {
	if len(x.out)+len(content) <= cap(x.out) {
		x.out = append(x.out, content...)
		return x.flush()
	}
	if x.conn.isAlone {
		return nil
	}
	c := &x.cached
	c.pieces = [2][]byte{x.out, content}
	c.buffers = c.pieces[:]
	_, err := c.buffers.WriteTo(x.conn.tcp)
	c.pieces = [2][]byte{}
	x.out = x.out[:0]
	if err != nil {
		return because(errClientGone, err)
	}
	return nil
}

// toCache looks at the head of the service's answer, as the service gave it. It reports whether the exchange is answered.
func (x *exchange) toCache() (isAnswered bool, err error) {
	c := &x.cached
	if !c.isLookedUp {
		return false, nil
	}
	if cache.Purges(x.method(), x.resp.Status) {
		x.purge()
	}
	if c.entry != nil && isUnavailable(x.resp.Status) && c.query.MayServeOnError(c.entry, now()) {
		status := x.resp.Status
		x.drop()
		return true, x.standIn(cache.Forward{Reason: c.reason, Status: status, Detail: "stale-if-error"})
	}
	if c.isValidated && x.resp.Status == http.StatusNotModified {
		return true, x.confirm()
	}
	if c.fill != nil {
		c.terms = c.query.Judge(&x.resp, c.asked, cache.Clock{Mono: now(), Wall: time.Now()})
		c.terms.Store = c.terms.Store && x.resp.Framing != http1.UntilClose // where it ends is never sure
	}
	return false, nil
}

// isCached has the answer kept, as the client gets it, where it may be. It reports whether there is nothing left to do.
func (x *exchange) isCached() bool {
	if !x.cached.isLookedUp {
		return false
	}
	isKept := x.keepAnswer()
	return x.conn.isAlone && !isKept
}

// appendPersistence appends the field that says what becomes of the client's connection, where it has to be said.
func (x *exchange) appendPersistence(out []byte) []byte {
	switch {
	case !x.keep:
		return append(out, "Connection: close\r\n"...)
	case x.req.Minor == 0:
		return append(out, "Connection: keep-alive\r\n"...)
	}
	return out
}

// isUnavailable lists the answers that count as none (RFC 5861 section 4).
func isUnavailable(status int) bool {
	return status == http.StatusInternalServerError || status == http.StatusBadGateway || status == http.StatusServiceUnavailable ||
		status == http.StatusGatewayTimeout
}

// purge forgets what an answer to an unsafe request says to be otherwise now.
func (x *exchange) purge() {
	store, base := x.plan.cache.store, x.endpoint.Base()
	key := x.cached.query.Key
	store.Purge(key)
	for _, target := range cache.Related(string(x.endpoint.Host()), base+string(key), x.resp.Fields) {
		if under, found := strings.CutPrefix(target, base); found {
			store.Purge([]byte(under))
		}
	}
}

// confirm answers with the entry that the service has said to hold still.
func (x *exchange) confirm() error {
	c := &x.cached
	x.answer.follow(x.resp.Framing, x.resp.Length)
	clock := cache.Clock{Mono: now(), Wall: time.Now()}
	terms := c.query.JudgeNotModified(c.entry, &x.resp, c.asked, clock)
	dropOwned(x.resp.Fields, x.plan.answer.dropped)
	entry := c.fill.Refresh(c.entry, terms, x.resp.Fields, x.isMapped(), clock.Wall)
	x.service.counters.cache.revalidated.Inc()
	if x.conn.isAlone {
		return nil
	}
	c.status = cache.Forward{Reason: c.reason, Status: http.StatusNotModified, IsStored: terms.Store}.Append(c.status[:0])
	return x.give(entry, clock.Mono)
}

// keepAnswer begins to keep an answer. It reports whether it will be kept.
func (x *exchange) keepAnswer() bool {
	c := &x.cached
	forward := cache.Forward{Reason: c.reason}
	if c.fill != nil {
		if c.entry != nil && x.resp.Status < http.StatusInternalServerError {
			c.fill.Drop(c.entry)
		}
		forward.IsStored = x.fills()
	}
	x.service.counters.cache.count(c.reason)
	c.status = forward.Append(c.status[:0])
	x.resp.Fields = append(x.resp.Fields, http1.Field{Name: []byte(cache.StatusField), Value: c.status})
	return forward.IsStored
}

// fills has the answer kept as it passes. It reports whether it will be.
func (x *exchange) fills() bool {
	c := &x.cached
	length := x.resp.Length
	if x.reshapes {
		length = -1
	}
	x.redact()
	dropOwned(x.resp.Fields, x.plan.answer.dropped)
	if !c.fill.Keep(c.terms, x.resp.Status, x.resp.Reason, x.resp.Fields, length, time.Now()) {
		return false
	}
	x.addFilter((*keeper)(c.fill), false)
	return true
}

// keeper is the last of the filters: what goes through it is kept as the client gets it.
type keeper cache.Fill

func (k *keeper) pass(piece []byte) ([]byte, error) {
	(*cache.Fill)(k).Write(piece)
	return piece, nil
}

func (k *keeper) end() ([]byte, error) {
	(*cache.Fill)(k).Commit()
	return nil, nil
}

// isMapped reports whether the route's answers have other content than the service's.
func (x *exchange) isMapped() bool { return x.plan.mapping != nil && x.plan.mapping.HasPrograms() }

// orStale answers a failed request with an entry that may stand in, if there is one; else it returns what failed.
func (x *exchange) orStale(err error) error {
	c := &x.cached
	p := problemOf(x.blame(err))
	if !c.isLookedUp || c.entry == nil || !isUnavailable(p.status) || x.conn.gone.Load() || !c.query.MayServeOnError(c.entry, now()) {
		return err
	}
	if x.up != nil {
		x.drop()
	}
	if p.upstream {
		x.service.counters.failed(p.code)
	}
	x.conn.limit.Store(0)
	x.conn.wait.begin(resting, forever) // what was waited for may have been ended, which is over now
	return x.standIn(cache.Forward{Reason: c.reason, Detail: p.code})
}

// standIn gives the entry in place of what the service should have answered.
func (x *exchange) standIn(f cache.Forward) error {
	x.service.counters.cache.stale.Inc()
	x.cached.status = f.Append(x.cached.status[:0])
	return x.give(x.cached.entry, now())
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
