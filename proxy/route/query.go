package route

import (
	"maps"
	"slices"
	"strings"
)

// parameter is one that a route adds: its plain name, and the pair as it is written.
type parameter struct {
	name []byte
	pair string
}

// compileParameters sorts parameters by name and escapes them.
func compileParameters(values map[string]string) []parameter {
	var parameters []parameter
	for _, name := range slices.Sorted(maps.Keys(values)) {
		pair := AppendEscaped(nil, name)
		pair = AppendEscaped(append(pair, '='), values[name])
		parameters = append(parameters, parameter{[]byte(name), string(pair)})
	}
	return parameters
}

// AppendEscaped appends text with all but unreserved characters percent-encoded (RFC 3986, section 2.3), which reads
// alike as a URI's query and as a form's.
func AppendEscaped[T string | []byte](dst []byte, text T) []byte {
	const digits = "0123456789ABCDEF"
	for i := range len(text) {
		c := text[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("-._~", c) >= 0:
			dst = append(dst, c)
		default:
			dst = append(dst, '%', digits[c>>4], digits[c&15])
		}
	}
	return dst
}

// appendQuery appends '?' and the edited query to dst, or nothing where that is empty and the client sent no '?'.
func (r *Route) appendQuery(dst, query []byte, hasQuery bool, owned [][]byte, attach []byte) []byte {
	before := len(dst)
	dst = append(dst, '?')
	start := len(dst)
	if len(owned) == 0 && len(r.set) == 0 {
		dst = append(dst, query...)
	} else {
		dst = r.appendKept(dst, query, owned)
	}
	for i := range r.set {
		dst = appendPair(dst, start, r.set[i].pair)
	}
	for i := range r.defaults {
		if !holds(query, r.defaults[i].name) {
			dst = appendPair(dst, start, r.defaults[i].pair)
		}
	}
	if len(attach) > 0 {
		dst = appendPair(dst, start, attach)
	}
	if len(dst) == start && (!hasQuery || len(query) > 0) {
		return dst[:before]
	}
	return dst
}

func appendPair[T string | []byte](dst []byte, start int, pair T) []byte {
	if len(dst) > start {
		dst = append(dst, '&')
	}
	return append(dst, pair...)
}

// appendKept appends the client's parameters but for those that are owned or set.
func (r *Route) appendKept(dst, query []byte, owned [][]byte) []byte {
	first := true
	for i := 0; i <= len(query); {
		end := pairEnd(query, i)
		if !r.drops(query[i:end], owned) {
			if !first {
				dst = append(dst, query[i-1])
			}
			dst = append(dst, query[i:end]...)
			first = false
		}
		i = end + 1
	}
	return dst
}

func (r *Route) drops(pair []byte, owned [][]byte) bool {
	for _, name := range owned {
		if isNamed(pair, name) {
			return true
		}
	}
	for i := range r.set {
		if isNamed(pair, r.set[i].name) {
			return true
		}
	}
	return false
}

// holds reports whether query has a parameter of that name.
func holds(query, name []byte) bool {
	for i := 0; i < len(query); {
		end := pairEnd(query, i)
		if isNamed(query[i:end], name) {
			return true
		}
		i = end + 1
	}
	return false
}

// pairEnd returns where the pair that starts at i ends. A ';' separates too: some services still read it so.
func pairEnd(query []byte, i int) int {
	for i < len(query) && query[i] != '&' && query[i] != ';' {
		i++
	}
	return i
}

// isNamed reports whether a service could read pair as a parameter of that name: its escapes read up to twice, '+' as
// a space, leading spaces left out, letters in either case, any of "-_. " alike, and cut at a NUL or before "[".
func isNamed(pair, name []byte) bool {
	at := 0
	for i := 0; i < len(pair) && pair[i] != '='; {
		c, n, _ := read(pair, i)
		if pair[i] == '+' {
			c = ' '
		}
		i += n
		switch {
		case at == 0 && c == ' ':
			continue
		case at == len(name):
			return c == '[' || c == 0
		case fold(c) != fold(name[at]):
			return false
		}
		at++
	}
	return at == len(name)
}

// fold maps what services take for the same character in a name to one.
func fold(c byte) byte {
	switch {
	case c >= 'A' && c <= 'Z':
		return c + 'a' - 'A'
	case c == '-', c == '.', c == ' ':
		return '_'
	}
	return c
}
