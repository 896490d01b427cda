package http1

import "math"

// Chunked judges a chunked body (RFC 9112 section 7.1) where it lies, so that the bytes that were judged can be forwarded as they are.
// The zero value starts a body.
type Chunked struct {
	left   uint64     // the chunk's size so far; within its data, what is left of it
	line   uint16     // bytes of the chunk line so far
	digits uint8      // digits of the size so far
	state  chunkState // what comes next
	failed Error      // the verdict that ended it
}

type chunkState uint8

// The states up to beforeLF are those of a chunk line; grammar tells how its extensions go on.
const (
	inSize chunkState = iota
	beforeName
	inName
	afterName
	beforeValue
	inValue
	inQuotes
	afterBackslash
	afterQuotes
	beforeSemicolon
	beforeLF
	inData
	afterData
	afterDataCR
	chunksDone
)

// Done reports that the last chunk's line was judged: the trailer section comes next.
func (c *Chunked) Done() bool { return c.state == chunksDone }

// Judge is Next for those who only forward: it judges as much of p as belongs to the body before its trailer section, n bytes with content bytes of
// content among them. n is less than len(p) only when Done, or with an error.
func (c *Chunked) Judge(p []byte) (n int, content int64, err error) {
	for n < len(p) && !c.Done() && err == nil {
		var taken int
		var data []byte
		taken, data, err = c.Next(p[n:])
		n += taken
		content += int64(len(data))
	}
	return n, content, err
}

// Next judges the start of p: n bytes, of which data, the last of p[:n], is content; it may be empty. Call it again with p[n:] until that is empty or
// Done reports true. The n bytes may be forwarded, also when an error stands behind them. An error is final.
func (c *Chunked) Next(p []byte) (n int, data []byte, err error) {
	if c.failed != 0 {
		return 0, nil, c.failed
	}
	for n < len(p) && c.state != chunksDone {
		if c.state == inData {
			data = c.takeData(p[n:])
			return n + len(data), data, nil
		}
		taken, verdict := c.frame(p[n:])
		n += taken
		if verdict != 0 {
			c.failed = verdict
			return n, nil, verdict
		}
	}
	return n, nil, nil
}

func (c *Chunked) takeData(p []byte) []byte {
	if uint64(len(p)) >= c.left {
		p = p[:c.left]
		c.state = afterData
	}
	c.left -= uint64(len(p))
	return p
}

// frame judges one or more bytes outside of the data.
func (c *Chunked) frame(p []byte) (n int, verdict Error) {
	switch {
	case c.state == inSize:
		return c.size(p)
	case c.state == beforeLF && p[0] == '\n':
		c.endLine()
		return 1, 0
	case c.state == afterData && hasCRLF(p, 0):
		c.state = inSize
		return 2, 0
	}
	return c.step(p[0])
}

// size judges digits, and what follows them where that is there too.
func (c *Chunked) size(p []byte) (n int, verdict Error) {
	for n < len(p) && class[p[n]]&hexDigit != 0 {
		if c.digits == 16 {
			return n, ErrChunkSizeTooLarge
		}
		c.left = c.left<<4 | hexValue(p[n])
		c.digits++
		n++
	}
	switch {
	case n == len(p):
		return n, 0
	case c.left > math.MaxInt64:
		return n, ErrChunkSizeTooLarge
	case c.digits > 0 && hasCRLF(p, n):
		c.endLine()
		return n + 2, 0
	}
	c.line = uint16(c.digits)
	taken, verdict := c.step(p[n])
	return n + taken, verdict
}

func hexValue(c byte) uint64 {
	if c <= '9' {
		return uint64(c - '0')
	}
	return uint64(c|0x20-'a') + 10
}

func (c *Chunked) endLine() {
	c.state = inData
	if c.left == 0 {
		c.state = chunksDone
	}
	c.line, c.digits = 0, 0
}

// step judges one byte.
func (c *Chunked) step(b byte) (n int, verdict Error) {
	state := c.state
	switch {
	case state == afterData || state == afterDataCR:
		return c.endData(b)
	case state == inSize && c.digits > 0:
		state = afterQuotes // what may follow a size are the same bytes
	}
	next := grammar[state][partOf(b)]
	if next == rejected {
		return 0, c.rejection(b)
	}
	if c.line++; c.line == MaxChunkLine { // and its LF is still to come
		return 0, ErrChunkLineTooLong
	}
	c.state = next
	return 1, 0
}

func (c *Chunked) endData(b byte) (n int, verdict Error) {
	switch {
	case c.state == afterData && b == '\r':
		c.state = afterDataCR
	case c.state == afterDataCR && b == '\n':
		c.state = inSize
	default:
		return 0, ErrChunkEnd
	}
	return 1, 0
}

// rejection tells why b cannot come next.
func (c *Chunked) rejection(b byte) Error {
	switch {
	case b == '\n':
		return ErrBareLF
	case c.state == beforeLF:
		return ErrBareCR
	case c.state == inSize && (c.digits == 0 || class[b]&token != 0):
		return ErrChunkSize
	}
	return ErrChunkExtension
}
