package cache

import (
	"strconv"
	"time"
)

// StatusField is the field that says what a cache did about a request (RFC 9211). A line of its own comes after those of
// caches nearer to the service.
const StatusField = "Cache-Status"

const self = "ambassador; "

// AppendHit appends the value of Cache-Status for an answer that is an entry.
func AppendHit(dst []byte, e *Entry, now time.Duration, isCollapsed bool) []byte {
	dst = append(dst, self+"hit; ttl="...)
	dst = strconv.AppendInt(dst, e.TTL(now), 10)
	if isCollapsed {
		dst = append(dst, "; detail=collapsed"...)
	}
	return dst
}

// Forward is how a request went to the service.
type Forward struct {
	// Reason is why; never empty.
	Reason Reason
	// Status is what the service answered, where that is not the status of the answer that the client gets; else 0.
	Status int
	// IsStored tells that the answer is kept, if it stays within the bounds and comes to its end.
	IsStored bool
	// Detail is a word more, such as why there was no answer; a token, or empty.
	Detail string
}

// Append appends the value of Cache-Status for an answer for which the service was asked.
func (f Forward) Append(dst []byte) []byte {
	dst = append(append(dst, self+"fwd="...), f.Reason...)
	if f.Status != 0 {
		dst = strconv.AppendInt(append(dst, "; fwd-status="...), int64(f.Status), 10)
	}
	if f.IsStored {
		dst = append(dst, "; stored"...)
	}
	if f.Detail != "" {
		dst = append(append(dst, "; detail="...), f.Detail...)
	}
	return dst
}
