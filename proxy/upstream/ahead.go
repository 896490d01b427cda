package upstream

import (
	"encoding/binary"
	"sync"
)

const (
	// recordHeader is the length of a TLS record's header (RFC 8446 section 5.1).
	recordHeader = 5
	// aheadRoom is how much of TLS is read at once: an answer of 64 KiB with its head, in records.
	aheadRoom = 72 << 10
)

// ahead holds what was read beyond what TLS asked for: as many records as came in one go. It hands them to TLS one by one.
// crypto/tls keeps no whole record then, so that it is known here whether another one is there. Its room is lent, and only
// while something is in it. The zero value is ready at the beginning of a connection.
type ahead struct {
	room       *[aheadRoom]byte // nil while nothing is there
	start, end int
	header     [recordHeader]byte // of the record that TLS is taking
	known      int                // bytes of it that TLS has
	left       int                // of the record's content
}

var aheads = sync.Pool{New: func() any { return new([aheadRoom]byte) }}

// Lend is called when nothing is there.
func (a *ahead) Lend() []byte {
	a.room = aheads.Get().(*[aheadRoom]byte)
	a.start, a.end = 0, 0
	return a.room[:]
}

// TakeBack is called when nothing is there.
func (a *ahead) TakeBack() {
	aheads.Put(a.room)
	a.room = nil
}

func (a *ahead) isEmpty() bool { return a.room == nil }

// take moves into p what is left of a record, or the start of the next one. Half a header goes out as it is.
func (a *ahead) take(p []byte) int {
	have := a.room[a.start:a.end]
	have = have[:min(len(have), len(p))]
	n := 0
	if a.known < recordHeader {
		n = copy(a.header[a.known:], have)
		if a.known += n; a.known == recordHeader {
			a.left = int(binary.BigEndian.Uint16(a.header[3:]))
		}
	}
	content := min(len(have)-n, a.left)
	n += content
	if a.left -= content; a.left == 0 && a.known == recordHeader {
		a.known = 0
	}
	copy(p, have[:n])
	if a.start += n; a.start == a.end {
		a.TakeBack()
	}
	return n
}

// hasRecord reports whether a whole record comes next.
func (a *ahead) hasRecord() bool {
	if a.isEmpty() || a.known > 0 {
		return false
	}
	have := a.room[a.start:a.end]
	return len(have) >= recordHeader && len(have) >= recordHeader+int(binary.BigEndian.Uint16(have[3:]))
}
