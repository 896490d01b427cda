package http1

import (
	"bytes"
	"math"
)

// Framing tells how the end of a message's content is found (RFC 9112 section 6.3).
type Framing uint8

const (
	// NoBody means that the head is the whole message.
	NoBody Framing = iota
	// Length means that the content has exactly Length bytes, which may be none.
	Length
	// ChunkedBody means that the content is chunked, and a trailer section follows.
	ChunkedBody
	// UntilClose means that the content ends where the connection does. Only an answer can have it.
	UntilClose
)

// facts is what the fields of a head say to this hop.
type facts struct {
	options  option // of all Connection fields
	nominees int    // how many other fields those name
	length   int64  // Content-Length, -1 for none
	coding   coding // of all Transfer-Encoding fields
	hosts    int
	host     []byte
	expects  bool
	trailers bool // TE: trailers
	upgrades int
	upgrade  []byte
}

// survey collects the facts, and marks what Connection nominates.
func (said *facts) survey(fields []Field) error {
	said.length = -1
	for i := range fields {
		if fields[i].kind == kindOther {
			continue
		}
		if err := said.add(fields, &fields[i]); err != nil {
			return err
		}
	}
	return said.framingError()
}

func (said *facts) add(fields []Field, f *Field) error {
	switch f.kind {
	case kindHost:
		said.hosts++
		said.host = f.Value
	case kindConnection:
		return said.addConnection(fields, f.Value)
	case kindContentLength:
		return said.addLength(f.Value)
	case kindTransferEncoding:
		said.coding = said.coding.add(f.Value)
	case kindExpect:
		said.expects = true
		if !equalFold(f.Value, "100-continue") {
			return ErrExpectation
		}
	case kindTE:
		said.trailers = said.trailers || listHas(f.Value, "trailers")
	case kindUpgrade:
		said.upgrades++
		said.upgrade = f.Value
	}
	return nil
}

// addLength takes equal values in several fields as one, as RFC 9112 section 6.3 lets it: the message goes on with one. A list in one field may not be
// read so by the next recipient, and is refused.
func (said *facts) addLength(value []byte) error {
	n, err := parseLength(value)
	switch {
	case err != nil:
		return err
	case said.length >= 0 && said.length != n:
		return ErrContentLengths
	}
	said.length = n
	return nil
}

// parseLength reads 1*DIGIT. 19 digits cannot overflow 64 bits.
func parseLength(value []byte) (int64, error) {
	if len(value) == 0 || len(value) > 19 {
		return 0, ErrContentLength
	}
	var n uint64
	for _, c := range value {
		if c < '0' || c > '9' {
			return 0, ErrContentLength
		}
		n = n*10 + uint64(c-'0')
	}
	if n > math.MaxInt64 {
		return 0, ErrContentLength
	}
	return int64(n), nil
}

// coding is what all Transfer-Encoding fields of a head come to.
type coding uint8

const (
	codingNone     coding = iota
	codingChunked         // chunked alone
	codingOther           // others, chunked still to come
	codingLayered         // others, then chunked
	codingRejected        // anything else
)

func (c coding) add(value []byte) coding {
	for more := true; more; {
		var element []byte
		element, value, more = bytes.Cut(value, comma)
		c = c.addOne(trimSpace(element))
	}
	return c
}

func (c coding) addOne(element []byte) coding {
	switch chunked := equalFold(element, "chunked"); {
	case c == codingNone && chunked:
		return codingChunked
	case c == codingOther && chunked:
		return codingLayered
	case (c == codingNone || c == codingOther) && isToken(element):
		return codingOther
	}
	return codingRejected
}

// framingError judges the framing fields together (RFC 9112 sections 6.1 and 6.3).
func (said *facts) framingError() error {
	switch {
	case said.coding == codingNone:
		return nil
	case said.length >= 0:
		return ErrBothLengths
	case said.coding == codingChunked:
		return nil
	case said.coding == codingLayered:
		return ErrTransferCoding
	}
	return ErrTransferEncoding
}
