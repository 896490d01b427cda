package http1

import (
	"encoding/binary"
	"math/bits"
)

// Classes of bytes, as bits of class.
const (
	token    = 1 << iota // tchar, RFC 9110 section 5.6.2
	hexDigit             // RFC 5234 HEXDIG, either case
	regName              // unreserved and sub-delims, RFC 3986 section 3.2.2, without the percent sign
	quotable             // what a quoted pair may quote: HTAB, SP, VCHAR, obs-text; RFC 9110 section 5.6.4
)

// class tells the classes of a byte.
var class = classes()

func classes() (class [256]uint8) {
	mark := func(set string, bit uint8) {
		for i := range len(set) {
			class[set[i]] |= bit
		}
	}
	const digits, letters = "0123456789", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	mark(digits+letters+"!#$%&'*+-.^_`|~", token)
	mark(digits+"abcdefABCDEF", hexDigit)
	mark(digits+letters+"-._~"+"!$&'()*+,;=", regName)
	for c := range class {
		if c == '\t' || c >= 0x20 && c != 0x7f {
			class[c] |= quotable
		}
	}
	return class
}

// tokenLength is the length of the token at the start of b, 0 for none.
func tokenLength(b []byte) int {
	for i, c := range b {
		if class[c]&token == 0 {
			return i
		}
	}
	return len(b)
}

func isToken(b []byte) bool { return len(b) > 0 && tokenLength(b) == len(b) }

const (
	everyByte = 0x0101010101010101
	highBits  = 0x80 * everyByte
)

// controls marks, in the high bit of each byte of w, the control bytes: 0x00 to 0x1f and 0x7f. Adding to seven bits carries into no other byte.
func controls(w uint64) uint64 {
	low := w &^ highBits
	return (^(low + (0x80-0x20)*everyByte) | (low + everyByte)) &^ w & highBits
}

// spaces marks the spaces alike. Only the lowest mark is sure: a borrow may set marks above it.
func spaces(w uint64) uint64 {
	w ^= ' ' * everyByte
	return (w - everyByte) &^ w & highBits
}

// textLength is the length of the field-content at the start of b: up to the first control byte that is not HTAB (RFC 9110 section 5.5).
func textLength(b []byte) int {
	i := 0
	for ; i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		if stop := controls(w); stop != 0 {
			i += bits.TrailingZeros64(stop) / 8
			if b[i] != '\t' {
				return i
			}
			i -= 7 // go on after the HTAB
		}
	}
	for ; i < len(b); i++ {
		if c := b[i]; c < 0x20 && c != '\t' || c == 0x7f {
			return i
		}
	}
	return i
}

// visibleLength is the length of the run of visible ASCII, 0x21 to 0x7e, at the start of b.
func visibleLength(b []byte) int {
	i := 0
	for ; i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		if stop := controls(w) | w&highBits | spaces(w); stop != 0 {
			return i + bits.TrailingZeros64(stop)/8
		}
	}
	for i < len(b) && b[i] > 0x20 && b[i] < 0x7f {
		i++
	}
	return i
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' }

// trimSpace cuts optional whitespace (RFC 9110 section 5.6.3) from both ends.
func trimSpace(b []byte) []byte {
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && isSpace(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

// equalFold compares b, which must hold no control byte, with a string of lower-case letters, digits and hyphens, whatever the case of b.
// Setting bit 5 maps no other visible byte onto one of those.
func equalFold(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i, c := range b {
		if c|0x20 != lower[i] {
			return false
		}
	}
	return true
}

// equalFoldBytes compares two runs of bytes, ASCII letters in either case.
func equalFoldBytes(a, b []byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c | 0x20
	}
	return c
}

// badByte is the verdict on a byte that must not stand at i: what its line ends say, or other.
func badByte(b []byte, i int, other Error) Error {
	switch {
	case i >= len(b):
		return ErrIncomplete
	case b[i] == '\n':
		return ErrBareLF
	case b[i] == '\r' && i+1 < len(b) && b[i+1] != '\n':
		return ErrBareCR
	}
	return other
}

func hasCRLF(b []byte, i int) bool {
	return i+1 < len(b) && b[i] == '\r' && b[i+1] == '\n'
}
