package relay

import (
	"net/http"
	"os"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/cache"
	"github.com/ambassador-operator/ambassador-operator/proxy/http1"
)

// hit answers with the entry that was found at a time.
func (x *exchange) hit(verdict cache.Verdict, at time.Duration) error {
	c, counters := &x.cached, x.service.counters.cache
	if verdict == cache.HitStale {
		counters.stale.Inc()
		x.askBehind()
	} else {
		counters.hits.Inc()
	}
	c.status = cache.AppendHit(c.status[:0], c.entry, at, c.isCollapsed)
	return x.give(c.entry, at)
}

// orStale answers a failed request with an entry that may stand in, if there is one; else it returns what failed.
func (x *exchange) orStale(err error) error {
	p := problemOf(x.blame(err))
	if !x.mayStandIn(p.status) || x.conn.gone.Load() {
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
	return x.standIn(cache.Forward{Reason: x.cached.reason, Detail: p.code})
}

// mayStandIn reports whether the entry may be given instead of an answer of that status (RFC 5861 section 4).
func (x *exchange) mayStandIn(status int) bool {
	switch status {
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		c := &x.cached
		return c.entry != nil && c.query.MayServeOnError(c.entry, now())
	}
	return false
}

// standIn gives the entry in place of what the service should have answered.
func (x *exchange) standIn(f cache.Forward) error {
	if !x.conn.isAlone {
		x.service.counters.cache.stale.Inc()
	}
	x.cached.status = f.Append(x.cached.status[:0])
	return x.give(x.cached.entry, now())
}

// give writes an entry, or that the client holds it already. What the cache did about the request is in status.
func (x *exchange) give(e *cache.Entry, at time.Duration) error {
	if x.conn.isAlone {
		return nil
	}
	if !x.conn.wait.begin(answering, at+x.limits.idle) {
		return x.lost(os.ErrDeadlineExceeded)
	}
	x.passing, x.answered, x.status = true, true, e.Status()
	isNotModified := x.cached.query.IsFresh(e)
	if isNotModified {
		x.status = http.StatusNotModified
		x.out = e.AppendNotModified(x.out[:0], at)
	} else {
		x.out = e.AppendHead(x.out[:0], at)
	}
	x.out = append(x.out, x.plan.answer.lines...) // an entry is of a route with just these
	x.out = http1.AppendField(x.out, cache.StatusField, x.cached.status)
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
