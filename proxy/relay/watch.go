package relay

import (
	"sync/atomic"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/internal/socket"
)

// phase is what a goroutine waits for.
type phase int64

const (
	// resting: for nothing, on the way from one wait to the next.
	resting phase = iota
	// idling: for the next request. Nothing is lost when the connection closes.
	idling
	// parked: as idling, in the lot.
	parked
	// receiving: for the rest of a request's head.
	receiving
	// asking: for the service to accept the request and to begin its answer.
	asking
	// answering: for more of the answer's content, or the client to take it.
	answering
	// sending: for more of the request's content, or the service to take it.
	sending
	// tunnelling: for bytes of either side.
	tunnelling

	phaseBits = 4
)

// forever is the deadline of what may take any time.
const forever = time.Duration(1) << 58

// expired is the word of a wait that was ended from outside.
const expired = -1

// wait says in one word what a goroutine waits for and how long it may. The goroutine writes it, the watcher ends it.
// Deadlines are enforced by the watcher alone, so that no timer is set while all goes well; they are late by up to a tick.
type wait struct{ word atomic.Int64 }

// begin replaces what was waited for. It returns false when that was ended: then the connection that was waited on
// fails, now or soon, and must not be used for anything else.
func (w *wait) begin(p phase, deadline time.Duration) bool {
	return w.word.Swap(int64(deadline)<<phaseBits|int64(p)) != expired
}

// limit gives what is waited for a deadline if it had none.
func (w *wait) limit(p phase, deadline time.Duration) {
	w.word.CompareAndSwap(int64(forever)<<phaseBits|int64(p), int64(deadline)<<phaseBits|int64(p))
}

// birth is the origin of all times in this package: a duration since then is cheaper to keep than a time.
var birth = time.Now()

func now() time.Duration { return time.Since(birth) }

const (
	// tick is the time between two looks at the connections while requests are in flight.
	tick = 200 * time.Millisecond
	// lull is that time while there are none: only idle connections are waited for then.
	lull = 10 * time.Second
	// patience is the number of looks at which a client that has closed its direction must have been seen before it
	// counts as gone: the answer has begun by then, or it is not waited for.
	patience = 3
)

// The exchange of a client that is gone ends within a second: this does not compile otherwise.
const _ = uint64(time.Second - (patience+1)*tick)

// watcher ends waits that take too long, and those for which there is no client any more. There is one for all connections
// of a server.
type watcher struct {
	server *Server
	wake   chan struct{}
	asleep atomic.Bool
	probe  socket.Probe
}

func (w *watcher) run(stop <-chan struct{}) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-stop:
			return
		case <-w.wake:
		case <-timer.C:
		}
		w.asleep.Store(true)
		pause := lull
		if w.lookAtAll() {
			w.asleep.Store(false)
			pause = tick
		}
		timer.Reset(pause)
	}
}

// rouse makes sure that the watcher ticks. It is called once at the beginning of every exchange.
func (w *watcher) rouse() {
	if w.asleep.Load() && w.asleep.CompareAndSwap(true, false) {
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
}

// lookAtAll reports whether requests are in flight.
func (w *watcher) lookAtAll() (busy bool) {
	time := now()
	w.server.each(func(c *conn) {
		busy = w.look(c, time) || busy
	})
	return busy
}

// look reports whether this connection has to be looked at again soon.
func (w *watcher) look(c *conn, now time.Duration) (busy bool) {
	w.expire(c, &c.upload, now)
	word := c.wait.word.Load()
	switch w.expire(c, &c.wait, now); phaseOf(word) {
	case idling, parked:
		return false
	case asking, answering:
		if !c.isAlone {
			w.seek(c, word)
		}
	}
	return true
}

func phaseOf(word int64) phase { return phase(word & (1<<phaseBits - 1)) }

// expire ends a wait whose deadline has passed, unless bytes have come meanwhile.
func (w *watcher) expire(c *conn, wait *wait, now time.Duration) {
	word := wait.word.Load()
	p := phaseOf(word)
	limit := time.Duration(c.limit.Load())
	isOverdue := limit > 0 && now >= limit
	if word == expired || p == resting || now < time.Duration(word>>phaseBits) && !isOverdue {
		return
	}
	if moved := c.lastMoved(p, now); moved > 0 && !isOverdue {
		wait.word.CompareAndSwap(word, int64(moved+time.Duration(c.gap.Load()))<<phaseBits|int64(p))
		return
	}
	w.end(c, wait, word)
}

// end ends a wait if it is still the same.
func (w *watcher) end(c *conn, wait *wait, word int64) {
	up, cancel := c.up.Load(), c.cancel.Load()
	if wait.word.CompareAndSwap(word, expired) {
		c.interrupt(phaseOf(word), up, cancel)
	}
}

// seek ends the exchange of a client that is gone. One that has closed its direction may only be done with sending: it
// gets what comes while patience lasts.
func (w *watcher) seek(c *conn, word int64) {
	events := w.probe.Look(c.tcp.Raw)
	switch {
	case events&socket.Broken != 0:
	case events&socket.Finished == 0:
		c.finishedIn = 0
		return
	case c.finishedIn != word || phaseOf(word) == answering && c.lastMoved(answering, now()) > now()-tick:
		c.finishedIn, c.finishedLooks = word, 1
		return
	default:
		if c.finishedLooks++; c.finishedLooks < patience {
			return
		}
	}
	c.gone.Store(true)
	w.end(c, &c.wait, word)
}
