package route

// class sorts the bytes of a path as they are received.
type class uint8

const (
	plain  class = iota
	slash        // separates segments
	escape       // '%'
	bad          // never in a path
)

// classes holds the class of each byte.
var classes = func() (table [256]class) {
	for c := range table {
		if c <= ' ' || c >= 0x7f || c == '\\' || c == '#' || c == '?' {
			table[c] = bad
		}
	}
	table['/'], table['%'] = slash, escape
	return table
}()

// judgement is what one pass over a path finds.
type judgement struct {
	safe    bool
	escaped bool // holds a '%'
	slash   int  // offset of the first escaped slash, or the length of the path
}

// judge decides whether path can be forwarded, as the package documentation lists.
func judge(path []byte) judgement {
	j := judgement{slash: len(path)}
	if len(path) == 0 || path[0] != '/' {
		return j
	}
	start := 1 // of the segment
	for i := 1; i < len(path); i++ {
		switch classes[path[i]] {
		case bad:
			return j
		case escape:
			j.escaped = true
			return judgeEscaped(path, start, j)
		case slash:
			if i == start || isDots(path[start:i]) {
				return j
			}
			start = i + 1
		}
	}
	j.safe = !isDots(path[start:])
	return j
}

// isDots reports whether a segment without escapes is a dot segment, path parameters aside.
func isDots(segment []byte) bool {
	var d dots
	for _, c := range segment {
		if !d.next(c) {
			return false
		}
	}
	return d.found()
}

// dots tells dot segments: it is fed a segment's bytes as read. Its zero value starts a segment.
type dots struct {
	count uint8
	state uint8 // 0 in the dots, 1 in path parameters, 2 not a dot segment
}

// next takes one byte, and reports whether this can still be a dot segment.
func (d *dots) next(c byte) bool {
	switch {
	case d.state != 0:
	case c == '.' && d.count < 2:
		d.count++
	case c == ';':
		d.state = 1
	default:
		d.state = 2
	}
	return d.state != 2
}

// found reports whether the bytes so far are a dot segment.
func (d *dots) found() bool { return d.count > 0 && d.state != 2 }

// judgeEscaped goes on where judge met the first escape, in the segment that begins at start.
func judgeEscaped(path []byte, start int, j judgement) judgement {
	var d dots
	var last byte // the escaped byte just before, or 0
	for i := start; i < len(path); {
		c, n, ok := read(path, i)
		isEscaped := path[i] == '%'
		switch {
		case !ok, !isEscaped && classes[c] == bad, isEscaped && isUnsafeEscape(last, c):
			return j
		case c != '/':
			d.next(c)
		case d.found(), !isEscaped && path[i-1] == '/':
			return j
		default:
			if isEscaped {
				j.slash = min(j.slash, i)
			}
			d = dots{}
		}
		last = 0
		if isEscaped {
			last = c
		}
		i += n
	}
	j.safe = !d.found()
	return j
}

// isUnsafeEscape reports whether c may not stand escaped after the escaped byte last: a control, a backslash, or the
// second byte of overlong UTF-8 (RFC 3629, section 3).
func isUnsafeEscape(last, c byte) bool {
	switch {
	case c < ' ', c == 0x7f, c == '\\':
		return true
	case c&0xc0 != 0x80:
		return false
	}
	return last == 0xc0 || last == 0xc1 || last == 0xe0 && c < 0xa0 || last == 0xf0 && c < 0x90
}

// read returns the byte that text means at i when its escapes are read up to twice, and how many bytes spell it. It is
// not ok where an escape is cut short, or could be read a third time.
func read(text []byte, i int) (c byte, n int, ok bool) {
	c, n, ok = readOnce(text, i)
	if c != '%' || !ok {
		return c, n, ok
	}
	high, highLength, _ := readOnce(text, i+n)
	if high == '%' {
		return c, n, false
	}
	low, lowLength, _ := readOnce(text, i+n+highLength)
	switch {
	case unhex(high) < 0:
		return '%', n, true
	case low == '%':
		return c, n, false
	case unhex(low) < 0:
		return '%', n, true
	}
	c = byte(unhex(high)<<4 | unhex(low))
	return c, n + highLength + lowLength, c != '%'
}

// readOnce returns the byte that text means at i when its escapes are read once. Past the end it returns 0, which is
// no hexadecimal digit.
func readOnce(text []byte, i int) (c byte, n int, ok bool) {
	if i >= len(text) {
		return 0, 0, false
	}
	if text[i] != '%' {
		return text[i], 1, true
	}
	if i+2 >= len(text) || unhex(text[i+1]) < 0 || unhex(text[i+2]) < 0 {
		return '%', 1, false
	}
	return byte(unhex(text[i+1])<<4 | unhex(text[i+2])), 3, true
}

// unhex returns the value of a hexadecimal digit, or -1.
func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
