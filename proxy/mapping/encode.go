package mapping

import (
	"encoding/json"
	"maps"
	"math"
	"math/big"
	"slices"
	"strconv"
	"unicode/utf8"
)

// encoder writes a value as JSON as jq does, and no further than most bytes.
type encoder struct {
	out  []byte
	most int // length of out
}

// appendJSON appends a value as JSON, at most most bytes of it.
func appendJSON(dst []byte, v any, most int) ([]byte, error) {
	e := encoder{dst, len(dst) + most}
	if !e.value(v, maxDepth) || len(e.out) > e.most {
		return dst, ErrTooLarge
	}
	return e.out, nil
}

// value returns false where there is too much.
func (e *encoder) value(v any, depth int) bool {
	if len(e.out) > e.most || depth == 0 {
		return false
	}
	switch v := v.(type) {
	case bool:
		e.out = strconv.AppendBool(e.out, v)
	case int:
		e.out = strconv.AppendInt(e.out, int64(v), 10)
	case float64:
		e.float(v)
	case *big.Int:
		if v.BitLen()/4 > e.most {
			return false
		}
		e.out = v.Append(e.out, 10)
	case json.Number:
		e.out = append(e.out, v...)
	case string:
		if len(v) > e.most {
			return false
		}
		e.text(v)
	case []any:
		return e.list(v, depth)
	case map[string]any:
		return e.object(v, depth)
	default:
		e.out = append(e.out, "null"...)
	}
	return true
}

func (e *encoder) list(v []any, depth int) bool {
	e.out = append(e.out, '[')
	for i, inner := range v {
		if i > 0 {
			e.out = append(e.out, ',')
		}
		if !e.value(inner, depth-1) {
			return false
		}
	}
	e.out = append(e.out, ']')
	return true
}

func (e *encoder) object(v map[string]any, depth int) bool {
	var room [16]string
	keys := slices.AppendSeq(room[:0], maps.Keys(v))
	slices.Sort(keys)
	e.out = append(e.out, '{')
	for i, key := range keys {
		if i > 0 {
			e.out = append(e.out, ',')
		}
		e.text(key)
		e.out = append(e.out, ':')
		if !e.value(v[key], depth-1) {
			return false
		}
	}
	e.out = append(e.out, '}')
	return true
}

// float writes a number that was calculated.
func (e *encoder) float(f float64) {
	if math.IsNaN(f) {
		e.out = append(e.out, "null"...)
		return
	}
	f = min(max(f, -math.MaxFloat64), math.MaxFloat64)
	format := byte('f')
	if size := math.Abs(f); size != 0 && size < 1e-6 || size >= 1e21 {
		format = 'e'
	}
	e.out = strconv.AppendFloat(e.out, f, format, -1, 64)
}

// text writes a string. Bytes that are not UTF-8 become U+FFFD.
func (e *encoder) text(s string) {
	const digits = "0123456789abcdef"
	e.out = append(e.out, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				e.out = append(append(e.out, s[start:i]...), "\ufffd"...)
				start = i + 1
			}
			i += size
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		e.out = append(e.out, s[start:i]...)
		switch c {
		case '"', '\\':
			e.out = append(e.out, '\\', c)
		case '\n':
			e.out = append(e.out, `\n`...)
		case '\r':
			e.out = append(e.out, `\r`...)
		case '\t':
			e.out = append(e.out, `\t`...)
		default:
			e.out = append(e.out, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		}
		i++
		start = i
	}
	e.out = append(append(e.out, s[start:]...), '"')
}
