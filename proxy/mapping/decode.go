package mapping

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// byteOrderMark may stand before JSON and before a stream (RFC 8259 section 8.1, WHATWG HTML section 9.2.6).
var byteOrderMark = []byte("\xef\xbb\xbf")

// decode reads one JSON text (RFC 8259) as the interpreter takes it: whole numbers of 64 bits as int, others as their digits.
// None at all is null. It is strict, but for text that is not UTF-8, which becomes U+FFFD, and keys that come twice, of which
// the last counts. The standard library's decoder takes three times as long.
func decode(content []byte) (any, error) {
	d := decoder{text: string(bytes.TrimPrefix(content, byteOrderMark))}
	d.skipSpace()
	if d.at == len(d.text) {
		return nil, nil
	}
	v, err := d.value(maxDepth)
	if err != nil {
		return nil, err
	}
	if d.skipSpace(); d.at < len(d.text) {
		return nil, d.fail("text after the end of the value")
	}
	return v, nil
}

// decoder is where a text has been read to. Strings without escapes share its memory.
type decoder struct {
	text    string
	at      int
	values  []any // of the lists and objects that are not at their end, the innermost last
	keys    []string
	scratch []byte
}

func (d *decoder) fail(what string) error {
	return &detailed{ErrInput, fmt.Errorf("%s at byte %d", what, d.at+1)}
}

var errEnd = &detailed{ErrInput, errors.New("it ends early")}

func (d *decoder) skipSpace() {
	for d.at < len(d.text) {
		switch d.text[d.at] {
		case ' ', '\t', '\r', '\n':
			d.at++
		default:
			return
		}
	}
}

// next skips space and returns the next byte, which it leaves; 0 at the end.
func (d *decoder) next() byte {
	d.skipSpace()
	if d.at == len(d.text) {
		return 0
	}
	return d.text[d.at]
}

func (d *decoder) value(depth int) (any, error) {
	switch c := d.next(); {
	case depth == 0:
		return nil, d.fail("too many levels")
	case c == '{':
		return d.object(depth)
	case c == '[':
		return d.list(depth)
	case c == '"':
		return d.string()
	case c == '-' || c >= '0' && c <= '9':
		return d.number()
	case d.at == len(d.text):
		return nil, errEnd
	}
	for _, word := range words {
		if strings.HasPrefix(d.text[d.at:], word.text) {
			d.at += len(word.text)
			return word.value, nil
		}
	}
	return nil, d.fail("no value")
}

var words = []struct {
	text  string
	value any
}{{"null", nil}, {"true", true}, {"false", false}}

func (d *decoder) list(depth int) (any, error) {
	start := len(d.values)
	for isEmpty := true; ; isEmpty = false {
		d.at++ // a bracket or a comma
		if isEmpty && d.next() == ']' {
			d.at++
			return []any{}, nil
		}
		v, err := d.value(depth - 1)
		if err != nil {
			return nil, err
		}
		d.values = append(d.values, v)
		switch d.next() {
		case ',':
		case ']':
			d.at++
			list := append([]any(nil), d.values[start:]...)
			d.values = d.values[:start]
			return list, nil
		default:
			return nil, d.wants("',' or ']'")
		}
	}
}

func (d *decoder) object(depth int) (any, error) {
	start, firstKey := len(d.values), len(d.keys)
	for isEmpty := true; ; isEmpty = false {
		d.at++ // a brace or a comma
		c := d.next()
		if isEmpty && c == '}' {
			d.at++
			return map[string]any{}, nil
		}
		if c != '"' {
			return nil, d.wants("a key")
		}
		key, err := d.string()
		if err != nil {
			return nil, err
		}
		if d.next() != ':' {
			return nil, d.wants("':'")
		}
		d.at++
		v, err := d.value(depth - 1)
		if err != nil {
			return nil, err
		}
		d.keys, d.values = append(d.keys, key), append(d.values, v)
		switch d.next() {
		case ',':
		case '}':
			d.at++
			object := make(map[string]any, len(d.values)-start)
			for i, v := range d.values[start:] {
				object[d.keys[firstKey+i]] = v
			}
			d.keys, d.values = d.keys[:firstKey], d.values[:start]
			return object, nil
		default:
			return nil, d.wants("',' or '}'")
		}
	}
}

// wants says what should stand here.
func (d *decoder) wants(what string) error {
	if d.at == len(d.text) {
		return errEnd
	}
	return d.fail("no " + what)
}

// number reads a number: digits, a fraction and an exponent (RFC 8259 section 6).
func (d *decoder) number() (any, error) {
	start, isWhole := d.at, true
	if d.text[d.at] == '-' {
		d.at++
	}
	first := d.at
	if !d.digits() || d.text[first] == '0' && d.at > first+1 {
		return nil, d.fail("no number")
	}
	if d.at < len(d.text) && d.text[d.at] == '.' {
		d.at++
		if isWhole = false; !d.digits() {
			return nil, d.fail("no fraction")
		}
	}
	if d.at < len(d.text) && d.text[d.at]|0x20 == 'e' {
		d.at++
		if d.at < len(d.text) && (d.text[d.at] == '+' || d.text[d.at] == '-') {
			d.at++
		}
		if isWhole = false; !d.digits() {
			return nil, d.fail("no exponent")
		}
	}
	text := d.text[start:d.at]
	if len(text) > maxDigits {
		return nil, ErrTooLarge
	}
	if isWhole && text != "-0" {
		if n, err := strconv.Atoi(text); err == nil {
			return n, nil
		}
	}
	return json.Number(text), nil
}

// digits reads digits, and reports whether there are any.
func (d *decoder) digits() bool {
	start := d.at
	for d.at < len(d.text) && d.text[d.at] >= '0' && d.text[d.at] <= '9' {
		d.at++
	}
	return d.at > start
}

// string reads a string, whose first quotation mark is next.
func (d *decoder) string() (string, error) {
	start := d.at + 1
	isASCII := true
	for i := start; i < len(d.text); i++ {
		switch c := d.text[i]; {
		case c == '"':
			d.at = i + 1
			if text := d.text[start:i]; isASCII || utf8.ValidString(text) {
				return text, nil
			}
			return string([]rune(d.text[start:i])), nil // U+FFFD for each byte that is none
		case c == '\\':
			return d.escaped(start, i)
		case c < ' ':
			d.at = i
			return "", d.fail("a control character")
		case c >= utf8.RuneSelf:
			isASCII = false
		}
	}
	d.at = len(d.text)
	return "", errEnd
}

// escaped reads on where a string has its first escape, at i.
func (d *decoder) escaped(start, i int) (string, error) {
	out := d.scratch[:0]
	out = append(out, d.text[start:i]...)
	d.at = i
	for d.at < len(d.text) {
		switch c := d.text[d.at]; {
		case c == '"':
			d.at++
			d.scratch = out
			if utf8.Valid(out) {
				return string(out), nil
			}
			return string([]rune(string(out))), nil
		case c == '\\':
			var ok bool
			if out, ok = d.escape(out); !ok {
				return "", d.fail("no escape")
			}
		case c < ' ':
			return "", d.fail("a control character")
		default:
			out = append(out, c)
			d.at++
		}
	}
	return "", errEnd
}

const (
	escapes = `"\/bfnrt`
	meant   = "\"\\/\b\f\n\r\t"
)

// escape appends what the escape that is next means.
func (d *decoder) escape(out []byte) ([]byte, bool) {
	if d.at+1 == len(d.text) {
		return out, false
	}
	if i := strings.IndexByte(escapes, d.text[d.at+1]); i >= 0 {
		d.at += 2
		return append(out, meant[i]), true
	}
	r := d.unit(d.at)
	if r < 0 {
		return out, false
	}
	d.at += 6
	if utf16.IsSurrogate(r) {
		if r = utf16.DecodeRune(r, d.unit(d.at)); r != utf8.RuneError {
			d.at += 6
		}
	}
	return utf8.AppendRune(out, r), true
}

// unit reads an escape of four hexadecimal digits at a place, or returns -1.
func (d *decoder) unit(at int) rune {
	if len(d.text)-at < 6 || d.text[at] != '\\' || d.text[at+1] != 'u' {
		return -1
	}
	r := rune(0)
	for _, c := range []byte(d.text[at+2 : at+6]) {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}
