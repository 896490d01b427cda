package relay

import (
	"io"
	"sync"
)

const (
	// headRoom is the size of the buffers that an exchange begins with: one read's worth of most heads with small bodies.
	headRoom = 8 << 10
	// bodyRoom is the size of the buffers through which answers and long bodies go: a body of 64 KiB with its head.
	bodyRoom = 72 << 10
	// margin is kept free before an answer, so that the head it gets can be written in front of its content where that lies,
	// even when it is a little longer than the one that came.
	margin = 128
)

// buffer is bytes that were received and not used yet: room[start:end].
type buffer struct {
	room       []byte
	start, end int
}

func (b *buffer) unread() []byte { return b.room[b.start:b.end] }

func (b *buffer) isEmpty() bool { return b.start == b.end }

// append adds bytes that were received elsewhere.
func (b *buffer) append(p []byte) {
	if len(p) > len(b.room)-b.end {
		b.moveTo(make([]byte, len(b.unread())+len(p)))
	}
	b.end += copy(b.room[b.end:], p)
}

// take uses up the next n bytes.
func (b *buffer) take(n int) []byte {
	p := b.room[b.start : b.start+n]
	b.start += n
	return p
}

// fill reads once, at least one byte or an error. There must be room.
func (b *buffer) fill(r io.Reader) error {
	n, err := r.Read(b.room[b.end:])
	b.end += n
	if n > 0 {
		return nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return err
}

// makeRoom moves what is unread to the start, and into room of at least size bytes when that does not make any. It
// reports whether there is any.
func (b *buffer) makeRoom(size int) bool {
	switch {
	case b.end < len(b.room):
		return true
	case b.start == 0 && len(b.room) >= size:
		return false
	case len(b.room) < size:
		b.moveTo(make([]byte, size))
	default:
		b.moveTo(b.room)
	}
	return true
}

// moveTo moves what is unread to the start of other room.
func (b *buffer) moveTo(room []byte) {
	b.end = copy(room, b.unread())
	b.start = 0
	b.room = room
}

// rooms lends room for answers and long bodies.
var rooms = sync.Pool{New: func() any { return new([bodyRoom]byte) }}
