package relay

import (
	"net/http"
	"strings"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/cache"
	"github.com/ambassador-operator/ambassador-operator/proxy/http1"
)

// toCache looks at the head of the service's answer, as the service gave it. It reports whether there is nothing left to do.
func (x *exchange) toCache() (isDone bool, err error) {
	c := &x.cached
	if !c.isLookedUp {
		return false, nil
	}
	if cache.Purges(x.method(), x.resp.Status) {
		x.purge()
	}
	if status := x.resp.Status; x.mayStandIn(status) {
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
	isMapped := x.plan.mapping != nil && x.plan.mapping.HasPrograms()
	entry := c.fill.Refresh(c.entry, terms, x.resp.Fields, isMapped, clock.Wall)
	x.service.counters.cache.revalidated.Inc()
	c.status = cache.Forward{Reason: c.reason, Status: http.StatusNotModified, IsStored: terms.Store}.Append(c.status[:0])
	return x.give(entry, clock.Mono)
}

// keepAnswer begins to keep an answer, as the client gets it, where it may be. It reports whether there is nothing left to do:
// nobody waits for what is not kept.
func (x *exchange) keepAnswer() (isDone bool) {
	c := &x.cached
	if !c.isLookedUp {
		return false
	}
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
	return x.conn.isAlone && !forward.IsStored
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
