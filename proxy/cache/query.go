package cache

import (
	"bytes"
	"slices"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
	"github.com/ambassador-operator/ambassador-operator/proxy/http1"
)

// Query is what a cache has to know about a request. Use one over and over: Read keeps its room. It refers to the bytes
// that it was given until then.
type Query struct {
	// Key is the target that the service would be asked for, without any credential.
	Key []byte
	// Scope tells apart what answers of one target can not be taken for each other: the routes, and what they make of them.
	Scope uint64
	// Owner is whom the request is made for, such as a credential; it must be comparable. Nothing is found, or kept, of
	// another's: a look makes the store the owner's ([Store.Own]).
	Owner any
	// Rule is the route's; never nil.
	Rule *config.CacheRule
	// IsHead tells HEAD from GET.
	IsHead bool

	fields           []http1.Field
	said             directives
	noneMatch        bool // there is an If-None-Match
	modifiedSince    []byte
	isForService     bool // only the service can answer it
	isPartial        bool
	hasAuthorization bool // of the application's own
	hasCookie        bool
	selector         []byte
}

// Read takes in the fields of a GET or HEAD request without content. Those that are dropped do not count.
func (q *Query) Read(fields []http1.Field) {
	q.fields = fields
	q.said.reset()
	q.noneMatch, q.modifiedSince, q.isForService, q.isPartial = false, nil, false, false
	q.hasAuthorization, q.hasCookie = false, false
	for i := range fields {
		if !fields[i].Drop {
			q.add(&fields[i])
		}
	}
}

// add looks at one field. Most have a name of another length, or another first letter.
func (q *Query) add(f *http1.Field) {
	switch len(f.Name) {
	case 5:
		q.isPartial = q.isPartial || f.Is("range")
	case 6:
		q.hasCookie = q.hasCookie || f.Is("cookie")
	case 8:
		q.isForService = q.isForService || f.Is("if-match")
	case 13:
		switch {
		case f.Is("cache-control"):
			q.said.add(f.Value)
		case f.Is("if-none-match"):
			q.noneMatch = true
		case f.Is("authorization"):
			q.hasAuthorization = true
		}
	case 17:
		if f.Is("if-modified-since") {
			q.modifiedSince = f.Value
		}
	case 19:
		q.isForService = q.isForService || f.Is("if-unmodified-since")
	}
}

// isForSomebody reports whether the application speaks for somebody by credentials of its own.
func (q *Query) isForSomebody() bool { return q.hasAuthorization || q.hasCookie }

// Verdict is what is to be done about a request.
type Verdict uint8

const (
	// Bypass: the cache has no part in it.
	Bypass Verdict = iota
	// Miss: the service is to be asked, and its answer may be kept.
	Miss
	// Hit: the entry is the answer.
	Hit
	// HitStale: the entry is the answer, and the service is to be asked about it behind the client's back (RFC 5861 section 3).
	HitStale
	// Validate: the service is to be asked about the entry.
	Validate
	// Unavailable: the client wants no answer but a kept one, and there is none (504).
	Unavailable
)

// Reason is why the service is asked, in the words of RFC 9211 section 2.2.
type Reason string

// The reasons.
const (
	ReasonBypass   Reason = "bypass"
	ReasonMethod   Reason = "method"
	ReasonMiss     Reason = "uri-miss"
	ReasonVaryMiss Reason = "vary-miss"
	ReasonRequest  Reason = "request"
	ReasonStale    Reason = "stale"
	ReasonPartial  Reason = "partial"
)

// Outcome is what a look finds.
type Outcome struct {
	Verdict Verdict
	// Entry is what was found; nil with Bypass and Miss, and maybe with Unavailable.
	Entry *Entry
	// Reason is empty with Hit and HitStale.
	Reason Reason
}

// Look decides about a request that was read.
func (s *Store) Look(q *Query, now time.Duration) Outcome {
	if q.isForService || q.isPartial {
		return Outcome{Verdict: Bypass, Reason: q.bypassReason()}
	}
	entry, reason, isOwner := s.find(q)
	if !isOwner {
		s.Own(q.Owner)
	}
	if entry == nil {
		return q.orUnavailable(Outcome{Verdict: Miss, Reason: reason})
	}
	entry.visited.Store(true)
	return q.decide(entry, now)
}

func (q *Query) bypassReason() Reason {
	if q.isPartial {
		return ReasonPartial
	}
	return ReasonBypass
}

// decide follows RFC 9111 sections 4.2.4 and 5.2.1.
func (q *Query) decide(entry *Entry, now time.Duration) Outcome {
	t := &entry.terms
	age := t.ageAt(now)
	stale := age - t.lifetime // by how much; negative: it is fresh
	switch {
	case q.said.noCache, q.said.maxAge != none && age > q.said.maxAge, q.said.minFresh != none && -stale < q.said.minFresh:
		return q.orUnavailable(Outcome{Validate, entry, ReasonRequest})
	case t.noCache:
		return q.orUnavailable(Outcome{Validate, entry, ReasonStale})
	case stale < 0:
		return Outcome{Verdict: Hit, Entry: entry}
	case !t.revalidate && stale < t.whileAsked:
		return Outcome{Verdict: HitStale, Entry: entry}
	case !t.revalidate && stale <= q.said.maxStale:
		return Outcome{Verdict: Hit, Entry: entry}
	}
	return q.orUnavailable(Outcome{Validate, entry, ReasonStale})
}

func (q *Query) orUnavailable(o Outcome) Outcome {
	if q.said.onlyIfCached {
		o.Verdict = Unavailable
	}
	return o
}

// MayServeOnError reports whether the entry may be given where the service fails (RFC 5861 section 4).
func (q *Query) MayServeOnError(entry *Entry, now time.Duration) bool {
	t := &entry.terms
	return !t.revalidate && !q.said.noCache && t.ageAt(now)-t.lifetime < t.onError
}

// MayKeep reports whether an answer could be kept at all.
func (q *Query) MayKeep() bool { return !q.IsHead && !q.said.noStore }

// IsFresh reports whether the client holds what the entry is (RFC 9110 sections 13.1.2 and 13.1.3), so that 304 is enough.
func (q *Query) IsFresh(entry *Entry) bool {
	if entry.status != 200 {
		return false
	}
	if q.noneMatch {
		return q.matches(entry.tag)
	}
	if q.modifiedSince == nil {
		return false
	}
	if bytes.Equal(q.modifiedSince, entry.modified) {
		return true
	}
	since, ok := parseDate(q.modifiedSince)
	return ok && !entry.changed.IsZero() && !entry.changed.After(since)
}

// matches compares If-None-Match with a tag, weakly (RFC 9110 section 8.8.3.2).
func (q *Query) matches(tag []byte) bool {
	for i := range q.fields {
		if f := &q.fields[i]; f.Is("if-none-match") { // it may have been dropped since
			for l := (list{f.Value}); ; {
				candidate, more := l.nextTag()
				if !more {
					break
				}
				if len(candidate) == 1 && candidate[0] == '*' || tag != nil && bytes.Equal(opaque(candidate), opaque(tag)) {
					return true
				}
			}
		}
	}
	return false
}

// nextTag returns the next element, quotes and all.
func (l *list) nextTag() (tag []byte, more bool) {
	for len(l.rest) > 0 && (l.rest[0] == ',' || isSpace(l.rest[0])) {
		l.rest = l.rest[1:]
	}
	end := 0
	for ; end < len(l.rest) && l.rest[end] != ','; end++ {
		if l.rest[end] == '"' { // tags know no escapes
			if closing := bytes.IndexByte(l.rest[end+1:], '"'); closing >= 0 {
				end += 1 + closing
			}
		}
	}
	tag, l.rest = trim(l.rest[:end]), l.rest[end:]
	return tag, len(tag) > 0
}

func opaque(tag []byte) []byte { return bytes.TrimPrefix(tag, []byte("W/")) }

// Condition drops the client's conditions from its fields, and appends those that ask about the entry. The entry must be one
// that can be validated.
func Condition(fields []http1.Field, entry *Entry) []http1.Field {
	for i := range fields {
		if f := &fields[i]; f.Is("if-none-match") || f.Is("if-modified-since") {
			f.Drop = true
		}
	}
	if entry.terms.etag != nil {
		fields = append(fields, http1.Field{Name: []byte("If-None-Match"), Value: entry.terms.etag})
	}
	if entry.terms.lastModified != nil {
		fields = append(fields, http1.Field{Name: []byte("If-Modified-Since"), Value: entry.terms.lastModified})
	}
	return fields
}

// selects writes what the request says under these names, such that alike requests have alike text (RFC 9111 section 4.1).
// The result is the query's own until the next call.
func (q *Query) selects(names []string) []byte {
	q.selector = q.selector[:0]
	for _, name := range names {
		isFirst := true
		for i := range q.fields {
			if f := &q.fields[i]; !f.Drop && f.Is(name) {
				q.selector = appendNormal(q.selector, f.Value, isFirst, ignoresCase(name))
				isFirst = false
			}
		}
		q.selector = append(q.selector, '\n')
	}
	return q.selector
}

// ignoresCase reports whether a field's values are known to be alike in any case.
func ignoresCase(name string) bool {
	return slices.Contains([]string{"accept-encoding", "accept-language", "accept-charset"}, name)
}

// appendNormal appends a value without the spaces that do not matter, after what other lines of its field say.
func appendNormal(dst, value []byte, isFirst, lower bool) []byte {
	if isFirst {
		dst = append(dst, ':') // that there is a field at all makes a difference
	} else {
		dst = append(dst, ',')
	}
	for i, c := range value {
		switch {
		case isSpace(c) && (i > 0 && isSeparator(value[i-1]) || i+1 < len(value) && isSeparator(value[i+1])):
			continue
		case lower && c >= 'A' && c <= 'Z':
			c |= 0x20
		}
		dst = append(dst, c)
	}
	return dst
}

func isSeparator(c byte) bool { return c == ',' || isSpace(c) }
