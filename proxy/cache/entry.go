package cache

import (
	"bytes"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/http1"
)

// overhead is about what an entry takes besides its own bytes.
const overhead = 512

// Entry is a kept answer. What it says never changes: a newer one takes its place, and whoever reads this one reads on.
type Entry struct {
	slot     *slot
	scope    uint64
	selector string
	terms    Terms

	status   int
	head     []byte // the status line, what a 304 repeats, and the other fields; no Age, no empty line
	line     int    // where the status line ends
	general  int    // where what a 304 repeats ends
	body     []byte
	tag      []byte    // ETag as the client sees it
	modified []byte    // Last-Modified as the client sees it
	changed  time.Time // the same, or Date where there is none

	size         int64
	visited      atomic.Bool
	newer, older *Entry // in the store's order; guarded by its mutex
	gone         bool   // no longer in the store; guarded by its mutex
}

// Status is the answer's.
func (e *Entry) Status() int { return e.status }

// Body is the answer's content. It must not be changed.
func (e *Entry) Body() []byte { return e.body }

// TTL is how many seconds it stays fresh; negative: it is stale since.
func (e *Entry) TTL(now time.Duration) int64 {
	return int64((e.terms.lifetime - e.terms.ageAt(now)) / time.Second)
}

// CanValidate reports whether the service can be asked if it still holds.
func (e *Entry) CanValidate() bool { return e.terms.etag != nil || e.terms.lastModified != nil }

// AppendHead appends status line and fields, Age among them (RFC 9111 section 5.1). The caller adds its own and the empty
// line.
func (e *Entry) AppendHead(dst []byte, now time.Duration) []byte {
	return e.appendAge(append(dst, e.head...), now)
}

// AppendNotModified appends the head of a 304 in place of the whole (RFC 9110 section 15.4.5).
func (e *Entry) AppendNotModified(dst []byte, now time.Duration) []byte {
	dst = append(dst, "HTTP/1.1 304 Not Modified\r\n"...)
	return e.appendAge(append(dst, e.head[e.line:e.general]...), now)
}

func (e *Entry) appendAge(dst []byte, now time.Duration) []byte {
	dst = append(dst, "Age: "...)
	dst = strconv.AppendInt(dst, int64(e.terms.ageAt(now)/time.Second), 10)
	return append(dst, http1.CRLF...)
}

// isGeneral reports whether a 304 repeats the field: it does not tell about the content alone.
func isGeneral(f *http1.Field) bool {
	isOfContent := len(f.Name) > 8 && f.Name[7] == '-' && (token{f.Name[:7]}).is("content")
	return !isOfContent || f.Is("content-location") || f.Is("content-security-policy")
}

// setHead writes the head from an answer's fields.
func (e *Entry) setHead(status int, reason []byte, fields []http1.Field, wall time.Time) {
	e.status = status
	size := len("HTTP/1.1 200 \r\n") + len(reason)
	for i := range fields {
		size += len(fields[i].Name) + len(fields[i].Value) + len(": \r\n")
	}
	head := http1.AppendStatusLine(make([]byte, 0, size+len("Date: "+http.TimeFormat)+len("Content-Length: 12345678\r\n")), status, reason)
	e.line = len(head)
	for _, general := range []bool{true, false} {
		for i := range fields {
			if f := &fields[i]; !f.Drop && !f.Is("age") && isGeneral(f) == general {
				head = http1.AppendField(head, f.Name, f.Value)
			}
		}
		if general && !e.terms.hasDate { // RFC 9110 section 6.6.1
			head = http1.AppendField(head, "Date", wall.UTC().Format(http.TimeFormat))
		}
		if general {
			e.general = len(head)
		}
	}
	e.head = head
	e.tag, e.modified = clone(fields, "etag"), clone(fields, "last-modified")
	if changed, given := dateOf(fields, "last-modified"); given {
		e.changed = changed
	} else if e.changed, _ = dateOf(fields, "date"); e.changed.IsZero() {
		e.changed = wall
	}
}

// setLength adds the content's length to the head of an answer that is whole.
func (e *Entry) setLength() {
	if e.status != 204 {
		e.head = http1.AppendContentLength(e.head, int64(len(e.body)))
	}
}

// measure counts what the entry takes, once it has its place.
func (e *Entry) measure() {
	e.size = int64(cap(e.head)+cap(e.body)+cap(e.terms.own)+len(e.slot.key)+len(e.selector)) + overhead
	e.size += int64(len(e.tag) + len(e.modified) + len(e.terms.etag) + len(e.terms.lastModified))
}

// fixed are the fields that a 304 does not change: they tell about the content that is kept (RFC 9111 section 3.2).
var fixed = []string{"content-encoding", "content-length", "content-md5", "content-range", "content-type", "etag", "last-modified", "age"}

// refresh makes the entry that the service has confirmed with a 304 of these fields and terms (RFC 9111 section 4.3.4).
func (e *Entry) refresh(t Terms, fields []http1.Field, isMapped bool, wall time.Time) *Entry {
	next := &Entry{slot: &slot{key: e.slot.key, vary: t.vary}, scope: e.scope, terms: t, body: e.body}
	var kept http1.Response
	if err := kept.Parse(append(bytes.Clone(e.head), http1.CRLF...), []byte("HEAD")); err != nil {
		return nil // it was written from a head that was good
	}
	merged := update(kept.Fields, fields, func(f *http1.Field) bool { return isFixed(f, isMapped) })
	_, dates := http1.Lookup(merged, "date")
	next.terms.hasDate = dates > 0
	next.setHead(kept.Status, kept.Reason, merged, wall)
	next.setLength()
	return next
}

// update replaces the fields that others give anew, but for those that are not to change.
func update(fields, others []http1.Field, isFixed func(*http1.Field) bool) []http1.Field {
	for i := range others {
		for j := range fields {
			isAnew := !others[i].Drop && !isFixed(&others[i]) && bytes.EqualFold(others[i].Name, fields[j].Name)
			fields[j].Drop = fields[j].Drop || isAnew
		}
	}
	for i := range others {
		if !others[i].Drop && !isFixed(&others[i]) {
			fields = append(fields, others[i])
		}
	}
	return fields
}

// isFixed reports whether a 304 must not change the field. What an answer's type is it may tell anew, unless the content
// was mapped to another one.
func isFixed(f *http1.Field, isMapped bool) bool {
	for _, name := range fixed {
		if f.Is(name) {
			return isMapped || name != "content-type" && name != "last-modified"
		}
	}
	return false
}
