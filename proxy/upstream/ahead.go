package upstream

import (
	"encoding/binary"
	"io"
	"sync"
)

const (
	// recordHeader is the length of a TLS record's header (RFC 8446 section 5.1), recordMost that of a whole record.
	recordHeader = 5
	recordMost   = recordHeader + 16<<10 + 256
	// aheadRoom is how much of TLS is read at once while a long answer comes.
	aheadRoom = 4 * recordMost
)

// ahead holds TLS records that were read in one go, and hands them to TLS one by one. crypto/tls reads no further than a
// record's end then, so that it is known whether another whole one is there.
type ahead struct {
	room       [aheadRoom]byte
	start, end int
	left       int  // of the record that TLS has begun to take
	isLost     bool // where a record begins is not known any more
}

var aheads = sync.Pool{New: func() any { return new(ahead) }}

// ReadAhead makes reads through TLS look for more than one record at a time, until StopAhead. It is called before a request
// is sent, as a record begins then. Without TLS it does nothing.
func (c *Conn) ReadAhead() {
	if c.secure && c.wire.ahead == nil {
		a := aheads.Get().(*ahead)
		a.start, a.end, a.left, a.isLost = 0, 0, 0, false
		c.wire.ahead = a
	}
}

// StopAhead ends what ReadAhead began. It reports whether nothing is left that was read and not taken.
func (c *Conn) StopAhead() bool {
	a := c.wire.ahead
	if a == nil {
		return true
	}
	c.wire.ahead = nil
	isEmpty := a.start == a.end && a.left == 0
	aheads.Put(a)
	return isEmpty
}

// HasMore reports that a read will find something without waiting.
func (c *Conn) HasMore() bool { return c.wire.ahead != nil && c.wire.ahead.hasRecord() }

// hasRecord reports whether a whole record comes next.
func (a *ahead) hasRecord() bool {
	have := a.end - a.start
	return a.left == 0 && !a.isLost && have >= recordHeader && have >= a.next()
}

// next returns the length of the record that comes next, whose header must be there.
func (a *ahead) next() int {
	return recordHeader + int(binary.BigEndian.Uint16(a.room[a.start+3:]))
}

// read fills p with what is left of a record, or with the start of the next one. from gives more. It waits only where
// nothing is there; half a header is handed out as it is.
func (a *ahead) read(p []byte, from func([]byte) (int, error)) (int, error) {
	if a.start == a.end {
		if err := a.fill(from); err != nil {
			return 0, err
		}
	}
	have := a.end - a.start
	a.isLost = a.isLost || a.left == 0 && have < recordHeader
	switch {
	case a.isLost:
		a.left = have
	case a.left == 0:
		a.left = a.next()
	}
	n := copy(p[:min(len(p), a.left)], a.room[a.start:a.end])
	a.start += n
	a.left -= n
	return n, nil
}

func (a *ahead) fill(from func([]byte) (int, error)) error {
	n, err := from(a.room[:])
	a.start, a.end = 0, n
	if n == 0 && err == nil {
		err = io.ErrNoProgress
	}
	if n > 0 {
		return nil
	}
	return err
}
