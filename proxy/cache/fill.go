package cache

import (
	"bytes"
	"hash/maphash"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/http1"
)

// Fill is a request on its way to the service whose answer may be kept. It has to end in Commit, Refresh or Abandon. One
// goroutine uses it; others may wait for it.
type Fill struct {
	store            *Store
	query            *Query
	key              string
	entry            *Entry // what is being made; nil before Keep
	body             []byte
	flight           flight
	leads            bool
	begun            chan struct{} // closed when an answer that may be kept has begun, or it is over
	done             chan struct{} // closed when it is over
	hasHeard, isOver bool

	reserved int64 // guarded by the store's mutex, as what follows
	isSpoilt bool  // what comes may be of before a purge
}

// flight is the requests that one answer can serve.
type flight struct {
	key, selector string
	scope         uint64
}

// Begin is called before the service is asked. Where another request that the same answer can serve is on its way already,
// and mayFollow, it returns that, to be waited for, and leads is false; else a fill of the caller's own, or nil where the
// store is another owner's by now.
func (s *Store) Begin(q *Query, mayFollow bool, now time.Duration) (f *Fill, leads bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.owner != q.Owner {
		return nil, true
	}
	at := s.flightOf(q)
	leader := s.leads[at]
	if leader != nil && mayFollow && !s.isPassedBy(q.Key, now) {
		return leader, false
	}
	f = &Fill{store: s, query: q, key: at.key, flight: at}
	if leader == nil {
		f.leads, f.begun, f.done = true, make(chan struct{}), make(chan struct{})
		s.leads[at] = f
	}
	s.fills[f] = struct{}{}
	return f, true
}

// IsAsked reports whether the service is being asked for what answers q.
func (s *Store) IsAsked(q *Query) bool {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	return s.leads[s.flightOf(q)] != nil
}

func (s *Store) flightOf(q *Query) flight {
	f := flight{key: string(q.Key), scope: q.Scope}
	if slot := s.slots[f.key]; slot != nil {
		f.selector = string(q.selects(slot.vary))
	}
	return f
}

// Begun is closed when an answer that may be kept has begun, or the fill is over. Done is closed when it is over, however.
// Only a fill that others can wait for has them; Begin returns no other to them.
func (f *Fill) Begun() <-chan struct{} { return f.begun }

// Done is closed when the fill is over; see Begun.
func (f *Fill) Done() <-chan struct{} { return f.done }

// Keep begins to keep an answer of these terms, status and fields, which are those that the client gets. length is that of
// its content, -1 where it is not known. It reports whether it will be kept: if not, the fill is over.
func (f *Fill) Keep(t Terms, status int, reason []byte, fields []http1.Field, length int64, wall time.Time) bool {
	if !t.Store || length > f.store.bounds.MaxEntry {
		f.pass(t.received)
		return false
	}
	f.entry = &Entry{slot: &slot{key: f.key, vary: t.vary}, scope: f.flight.scope, terms: t}
	f.entry.setHead(status, reason, fields, wall)
	room := max(length, 0)
	if !f.reserve(int64(cap(f.entry.head)) + room) {
		f.Abandon()
		return false
	}
	f.body = make([]byte, 0, room)
	f.hear()
	return true
}

// pass ends a fill whose answer is not kept, and remembers that.
func (f *Fill) pass(now time.Duration) {
	s := f.store
	hash := maphash.String(seed, f.key)
	s.mutex.Lock()
	s.passed[hash%uint64(len(s.passed))] = passedBy{hash, now + passFor}
	s.mutex.Unlock()
	f.Abandon()
}

func (s *Store) isPassedBy(key []byte, now time.Duration) bool {
	hash := maphash.Bytes(seed, key)
	p := &s.passed[hash%uint64(len(s.passed))]
	return p.hash == hash && now < p.until
}

// hear tells those who wait that an answer has begun.
func (f *Fill) hear() {
	if f.leads && !f.hasHeard {
		f.hasHeard = true
		close(f.begun)
	}
}

// Write takes in a piece of content. It reports whether the answer is still being kept; if not, the fill is over.
func (f *Fill) Write(p []byte) bool {
	if f.isOver {
		return false
	}
	size := int64(len(f.body) + len(p))
	if size > f.store.bounds.MaxEntry {
		f.pass(f.entry.terms.received)
		return false
	}
	if grown := max(size, min(2*int64(cap(f.body)), f.store.bounds.MaxEntry)); size > int64(cap(f.body)) {
		if !f.reserve(grown - int64(cap(f.body))) {
			f.Abandon()
			return false
		}
		f.body = append(make([]byte, 0, grown), f.body...)
	}
	f.body = append(f.body, p...)
	return true
}

// reserve counts n more bytes. It reports whether there is room for them, and what comes is still wanted.
func (f *Fill) reserve(n int64) bool {
	s := f.store
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if f.isSpoilt || !s.reserve(n) {
		return false
	}
	f.reserved += n
	s.filling += n
	return true
}

// Commit keeps the answer, which is whole.
func (f *Fill) Commit() {
	if f.isOver {
		return
	}
	e := f.entry
	if e.body = f.body; cap(e.body) > len(e.body)+len(e.body)/4 {
		e.body = bytes.Clone(e.body)
	}
	e.setLength()
	f.end(e)
}

// Refresh is for a 304 to a question about an entry: it returns the entry as it is confirmed, which takes the place of the
// other where its terms let it. fields are those that the client gets; isMapped tells that content and type are not as the
// service gave them.
func (f *Fill) Refresh(e *Entry, t Terms, fields []http1.Field, isMapped bool, wall time.Time) *Entry {
	next := e.refresh(t, fields, isMapped, wall)
	switch {
	case next == nil:
		f.Abandon()
		return e
	case !t.Store:
		f.Drop(e)
		f.Abandon()
	default:
		f.end(next)
	}
	return next
}

// Abandon ends a fill without anything to keep. It may be called at any time and more than once.
func (f *Fill) Abandon() { f.end(nil) }

// Drop removes an entry that the service has answered anew, or said to be none any more.
func (f *Fill) Drop(e *Entry) {
	f.store.mutex.Lock()
	defer f.store.mutex.Unlock()
	f.store.remove(e)
}

// end ends the fill, with an entry where there is one to keep.
func (f *Fill) end(e *Entry) {
	if f.isOver {
		return
	}
	f.isOver = true
	s := f.store
	s.mutex.Lock()
	s.used -= f.reserved
	s.filling -= f.reserved
	f.reserved = 0
	if e != nil && !f.isSpoilt {
		if s.place(e, f.query); s.reserve(e.size) {
			s.put(e)
		}
	}
	delete(s.fills, f)
	f.land()
	s.mutex.Unlock()
	f.body, f.query = nil, nil
}

// spoil is called under the mutex: nobody is to wait for what will not be kept.
func (f *Fill) spoil() {
	f.isSpoilt = true
	f.land()
}

// land takes the fill off the flights, under the mutex.
func (f *Fill) land() {
	if s := f.store; f.leads && s.leads[f.flight] == f {
		delete(s.leads, f.flight)
		close(f.done)
	}
}
