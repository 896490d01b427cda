package cache

import (
	"cmp"
	"hash/maphash"
	"slices"
	"sync"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// What a store keeps where its configuration does not say, in bytes.
const (
	defaultMaxBytes      = 8 << 20
	defaultMaxEntryBytes = 1 << 20
)

// maxVariants bounds the variants of one target.
const maxVariants = 64

// Store is what one ambassador's cache keeps. It is safe for concurrent use.
type Store struct {
	bounds Bounds

	mutex         sync.RWMutex // guards what follows, and the entries' places
	slots         map[string]*slot
	fills         map[*Fill]struct{}
	leads         map[flight]*Fill
	used, filling int64 // bytes of all, and of those that are being filled
	count         int
	// Entries are in the order of their coming. Room is made by SIEVE: the hand goes from the oldest to newer ones, lets
	// those stay that were asked for since it last came by, and takes the first one that was not. A hit moves nothing.
	newest, oldest, hand *Entry
	owner                any
	passed               [64]passedBy
	evicted              uint64
}

// slot is all variants of one target.
type slot struct {
	key      string
	vary     []string
	variants []*Entry // newest first
}

// passedBy remembers a target whose answers are not kept, so that nobody waits for one.
type passedBy struct {
	hash  uint64
	until time.Duration
}

// passFor is how long that is remembered.
const passFor = 10 * time.Second

var seed = maphash.MakeSeed()

// RuleOf returns the rule of a route of an ambassador, or nil where nothing is kept of it.
func RuleOf(a *config.Ambassador, r *config.Route) *config.CacheRule {
	rule := r.Cache
	if rule == nil && a.Policy.Cache != nil {
		rule = a.Policy.Cache.Rule
	}
	if rule == nil || rule.Disabled {
		return nil
	}
	return rule
}

// IsWanted reports whether any of an ambassador's routes has a rule.
func IsWanted(a *config.Ambassador) bool {
	if len(a.Routes) == 0 {
		return RuleOf(a, &config.Route{}) != nil
	}
	for i := range a.Routes {
		if RuleOf(a, &a.Routes[i]) != nil {
			return true
		}
	}
	return false
}

// NewStore makes an empty store. A nil configuration stands for the default sizes.
func NewStore(c *config.Cache) *Store {
	return &Store{bounds: BoundsOf(c), slots: map[string]*slot{}, fills: map[*Fill]struct{}{}, leads: map[flight]*Fill{}}
}

// Bounds are how much a store keeps, in bytes.
type Bounds struct {
	// Max is of all, MaxEntry of one answer's content.
	Max, MaxEntry int64
}

// BoundsOf returns what a configuration says. Nil stands for the default sizes.
func BoundsOf(c *config.Cache) Bounds {
	if c == nil {
		c = &config.Cache{}
	}
	most := cmp.Or(c.MaxBytes, defaultMaxBytes)
	return Bounds{most, cmp.Or(c.MaxEntryBytes, min(defaultMaxEntryBytes, most))}
}

// Bounds returns how much the store keeps.
func (s *Store) Bounds() Bounds { return s.bounds }

// Own makes the store that of an owner, such as a credential: what was kept for another one goes, and so does what is being
// filled for it. The owner must be comparable.
func (s *Store) Own(owner any) {
	s.mutex.RLock()
	isOwner := s.owner == owner
	s.mutex.RUnlock()
	if isOwner {
		return
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.owner != owner {
		s.owner = owner
		s.clear()
	}
}

// Usage is what a store holds.
type Usage struct {
	// Bytes counts all of the entries, and those that are being filled. Entries is their number, Evicted that of those that
	// made room for others so far.
	Bytes   int64
	Entries int
	Evicted uint64
}

// Usage returns what the store holds now.
func (s *Store) Usage() Usage {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	return Usage{s.used, s.count, s.evicted}
}

// Purge removes all variants of a target, and what is being filled of it will not be kept.
func (s *Store) Purge(key []byte) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if slot := s.slots[string(key)]; slot != nil {
		s.removeAll(slot)
	}
	for f := range s.fills {
		if f.key == string(key) {
			f.spoil()
		}
	}
}

func (s *Store) clear() {
	for _, slot := range s.slots {
		s.removeAll(slot)
	}
	for f := range s.fills {
		f.spoil()
	}
	s.passed = [len(s.passed)]passedBy{}
}

// find returns the entry that answers a request by its target and Vary. What is kept for whoever the sidecar's credential
// stands for is not given to somebody else.
func (s *Store) find(q *Query) (e *Entry, reason Reason, isOwner bool) {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	if s.owner != q.Owner {
		return nil, ReasonMiss, false
	}
	slot := s.slots[string(q.Key)]
	if slot == nil {
		return nil, ReasonMiss, true
	}
	selector := q.selects(slot.vary)
	reason = ReasonMiss
	for _, e := range slot.variants {
		if e.scope != q.Scope || e.terms.isPersonal && q.isForSomebody() {
			continue
		}
		if e.selector == string(selector) {
			return e, "", true
		}
		reason = ReasonVaryMiss
	}
	return nil, reason, true
}

// place finds an entry its place, under the mutex, and removes the one that answers the same requests. Where Vary has become
// another one, what was kept under the old one goes. An answer without Vary beside some that have it was given by a service
// that forgot it (RFC 9111 section 4.1): it counts as having theirs.
func (s *Store) place(e *Entry, q *Query) {
	if known := s.slots[e.slot.key]; known != nil {
		if len(e.slot.vary) > 0 && !slices.Equal(known.vary, e.slot.vary) {
			s.removeAll(known)
		} else {
			e.slot = known
		}
	}
	e.selector = string(q.selects(e.slot.vary))
	s.replace(e)
	if len(e.slot.variants) == maxVariants {
		s.remove(e.slot.variants[maxVariants-1])
	}
	e.measure()
}

// put takes in an entry that has its place, and for which there is room, under the mutex.
func (s *Store) put(e *Entry) {
	e.slot.variants = slices.Insert(e.slot.variants, 0, e)
	s.slots[e.slot.key] = e.slot // which may have gone with the last of its variants
	e.older = s.newest
	if e.older != nil {
		e.older.newer = e
	} else {
		s.oldest = e
	}
	s.newest = e
	s.count++
}

// replace removes the entry that answers the same requests.
func (s *Store) replace(e *Entry) {
	for _, other := range e.slot.variants {
		if other.scope == e.scope && other.selector == e.selector {
			s.remove(other)
			return
		}
	}
}

func (s *Store) removeAll(at *slot) {
	for len(at.variants) > 0 {
		s.remove(at.variants[len(at.variants)-1])
	}
}

// remove takes an entry out, under the mutex.
func (s *Store) remove(e *Entry) {
	if e.gone {
		return
	}
	e.gone = true
	if s.hand == e {
		s.hand = e.newer
	}
	if e.newer != nil {
		e.newer.older = e.older
	} else {
		s.newest = e.older
	}
	if e.older != nil {
		e.older.newer = e.newer
	} else {
		s.oldest = e.newer
	}
	e.newer, e.older = nil, nil
	s.used -= e.size
	s.count--
	if i := slices.Index(e.slot.variants, e); i >= 0 {
		e.slot.variants = slices.Delete(e.slot.variants, i, i+1)
	}
	if len(e.slot.variants) == 0 && s.slots[e.slot.key] == e.slot {
		delete(s.slots, e.slot.key)
	}
}

// reserve makes room for n more bytes, under the mutex. It reports whether there is.
func (s *Store) reserve(n int64) bool {
	if s.filling+n > s.bounds.Max {
		return false
	}
	for s.used+n > s.bounds.Max {
		if !s.evict() {
			return false
		}
	}
	s.used += n
	return true
}

// evict removes the entry that is wanted least. It reports whether there was any.
func (s *Store) evict() bool {
	if s.newest == nil {
		return false
	}
	e := s.hand
	if e == nil {
		e = s.oldest
	}
	for e.visited.Swap(false) {
		if e = e.newer; e == nil {
			e = s.oldest
		}
	}
	s.hand = e
	s.remove(e) // moves the hand on
	s.evicted++
	return true
}
