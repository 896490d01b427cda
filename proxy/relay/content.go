package relay

import (
	"github.com/ambassador-operator/ambassador-operator/proxy/http1"
)

// content follows the framing of one message's content through the bytes that arrive, and says which go on.
type content struct {
	framing http1.Framing
	left    int64 // with Length
	chunks  http1.Chunked
	unchunk bool // chunks go on without their framing, and without trailer fields
	owned   [][]byte
	scanned int // of the trailer section
	done    bool
}

// follow starts with what a head says.
func (m *content) follow(framing http1.Framing, length int64) {
	*m = content{framing: framing, left: length}
	m.done = framing == http1.NoBody || framing == http1.Length && length == 0
}

// next takes from b what can go on now, and judges it first. Nothing without an error: more has to be read, or all is done.
func (m *content) next(b *buffer) ([]byte, error) {
	switch {
	case m.done || b.isEmpty():
		return nil, nil
	case m.framing == http1.Length:
		n := int(min(int64(b.end-b.start), m.left))
		m.left -= int64(n)
		m.done = m.left == 0
		return b.take(n), nil
	case m.framing == http1.UntilClose:
		return b.take(b.end - b.start), nil
	case m.unchunk:
		return m.nextData(b)
	}
	return m.nextChunks(b)
}

func (m *content) nextChunks(b *buffer) ([]byte, error) {
	if m.chunks.Done() {
		return m.nextTrailer(b)
	}
	n, _, err := m.chunks.Judge(b.unread())
	if err != nil {
		return nil, err
	}
	return b.take(n), nil
}

// nextTrailer takes the trailer section once it is there whole. Fields that are not to go on are taken out of it.
func (m *content) nextTrailer(b *buffer) ([]byte, error) {
	n, err := http1.FindTrailer(b.unread(), m.scanned)
	if n == 0 || err != nil {
		m.scanned = b.end - b.start
		return nil, err
	}
	section := b.take(n)
	m.done = true
	if n == len(http1.CRLF) {
		return section, nil
	}
	fields, err := http1.ParseTrailer(section, nil)
	if err != nil {
		m.done = false
		return nil, err
	}
	dropOwned(fields, m.owned)
	return append(http1.AppendFields(nil, fields), http1.CRLF...), nil
}

// nextData takes a piece of the chunks' data.
func (m *content) nextData(b *buffer) ([]byte, error) {
	for !m.chunks.Done() {
		n, data, err := m.chunks.Next(b.unread())
		if err != nil || n == 0 {
			return nil, err
		}
		b.take(n)
		if len(data) > 0 {
			return data, nil
		}
	}
	_, err := m.nextTrailer(b)
	return nil, err
}

// close takes note that the connection has ended, and reports whether the content is whole.
func (m *content) close() bool {
	m.done = m.done || m.framing == http1.UntilClose
	return m.done
}
