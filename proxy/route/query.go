package route

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// edits are what a route does to a query.
type edits struct {
	removed  [][]byte
	renamed  []renaming
	set      []parameter
	defaults []parameter
}

// renaming forwards a parameter under another name.
type renaming struct {
	from, to []byte // plain
	written  string // "to=", escaped
}

// parameter is one that a route adds: its plain name, and the pair as it is written, in parts.
type parameter struct {
	name []byte
	pair []part
}

func compileEdits(q *config.Query, captures []string) edits {
	var e edits
	for _, name := range q.Remove {
		e.removed = append(e.removed, []byte(name))
	}
	for _, from := range slices.Sorted(maps.Keys(q.Rename)) {
		to := q.Rename[from]
		e.renamed = append(e.renamed, renaming{[]byte(from), []byte(to), string(append(AppendEscaped(nil, to), '='))})
	}
	e.set = compileParameters(q.Set, captures)
	e.defaults = compileParameters(q.Default, captures)
	return e
}

// isEmpty reports whether a query without credentials goes on as it came.
func (e *edits) isEmpty() bool {
	return len(e.set) == 0 && len(e.defaults) == 0 && !e.isSelective()
}

// isSelective reports whether what the client sent has to be looked through.
func (e *edits) isSelective() bool { return len(e.set) > 0 || len(e.removed) > 0 || len(e.renamed) > 0 }

// compileParameters sorts parameters by name and escapes them. Where a value holds a capture's name in braces, the captured
// segment is inserted.
func compileParameters(values map[string]string, captures []string) []parameter {
	var parameters []parameter
	for _, name := range slices.Sorted(maps.Keys(values)) {
		written := append(AppendEscaped(nil, name), '=')
		var parts []part
		for rest := values[name]; rest != ""; {
			literal, number, after := cutCapture(rest, captures)
			written = AppendEscaped(written, literal)
			if number >= 0 {
				parts = append(parts, part{string(written), -1}, part{"", number})
				written = nil
			}
			rest = after
		}
		if len(written) > 0 {
			parts = append(parts, part{string(written), -1})
		}
		parameters = append(parameters, parameter{[]byte(name), parts})
	}
	return parameters
}

// cutCapture cuts text before and after the first of captures, which are in braces, and returns its number; -1 where there
// is none.
func cutCapture(text string, captures []string) (before string, number int, after string) {
	first := len(text)
	number = -1
	for i, capture := range captures {
		if at := strings.Index(text, capture); at >= 0 && at < first {
			first, number = at, i
		}
	}
	if number < 0 {
		return text, -1, ""
	}
	return text[:first], number, text[first+len(captures[number]):]
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
func (m *Match) appendQuery(dst, path, query []byte, hasQuery bool, owned [][]byte, attach []byte) []byte {
	edits := &m.Route.query
	before := len(dst)
	dst = append(dst, '?')
	start := len(dst)
	if len(owned) == 0 && !edits.isSelective() {
		dst = append(dst, query...)
	} else {
		dst = edits.appendKept(dst, query, owned)
	}
	for i := range edits.set {
		dst = m.appendParameter(dst, start, path, &edits.set[i])
	}
	for i := range edits.defaults {
		if d := &edits.defaults[i]; !edits.isThere(dst[start:], query, d.name) {
			dst = m.appendParameter(dst, start, path, d)
		}
	}
	if len(attach) > 0 {
		dst = append(separate(dst, start), attach...)
	}
	if len(dst) == start && (!hasQuery || len(query) > 0) {
		return dst[:before]
	}
	return dst
}

// isThere reports whether a default is not needed: the client sent the parameter, or another under whose name it goes now.
func (e *edits) isThere(written, query, name []byte) bool {
	if len(e.removed) == 0 && len(e.renamed) == 0 {
		return holds(query, name)
	}
	return holds(written, name)
}

// separate appends '&' where a pair stands before.
func separate(dst []byte, start int) []byte {
	if len(dst) > start {
		dst = append(dst, '&')
	}
	return dst
}

// appendParameter appends a pair with the captures in it. What may stand in a path but means something in a query is
// escaped; escapes stay what they are, as both are decoded alike.
func (m *Match) appendParameter(dst []byte, start int, path []byte, p *parameter) []byte {
	dst = separate(dst, start)
	for _, part := range p.pair {
		if part.capture < 0 {
			dst = append(dst, part.literal...)
			continue
		}
		captured := m.captures[part.capture]
		for _, c := range path[captured.start:captured.end] {
			if c == '%' {
				dst = append(dst, c)
			} else {
				dst = AppendEscaped(dst, []byte{c})
			}
		}
	}
	return dst
}

// appendKept appends the client's parameters as they go on.
func (e *edits) appendKept(dst, query []byte, owned [][]byte) []byte {
	first := true
	for i := 0; i <= len(query); {
		end := pairEnd(query, i)
		if pair := query[i:end]; !e.drops(pair, owned) {
			if !first {
				dst = append(dst, query[i-1])
			}
			dst = e.appendRenamed(dst, pair)
			first = false
		}
		i = end + 1
	}
	return dst
}

// appendRenamed appends a pair under the name by which it goes on.
func (e *edits) appendRenamed(dst, pair []byte) []byte {
	for i := range e.renamed {
		if r := &e.renamed[i]; isNamed(pair, r.from) {
			_, value, _ := bytes.Cut(pair, equals)
			return append(append(dst, r.written...), value...)
		}
	}
	return append(dst, pair...)
}

var equals = []byte{'='}

// drops reports whether a pair does not go on: it has a name that a credential, the route or a renamed parameter takes, or
// that the route removes. One that is renamed goes on.
func (e *edits) drops(pair []byte, owned [][]byte) bool {
	for _, name := range owned {
		if isNamed(pair, name) {
			return true
		}
	}
	for i := range e.set {
		if isNamed(pair, e.set[i].name) {
			return true
		}
	}
	for _, name := range e.removed {
		if isNamed(pair, name) {
			return true
		}
	}
	for i := range e.renamed {
		if isNamed(pair, e.renamed[i].to) {
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
