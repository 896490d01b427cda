package route

import (
	"bytes"
	"slices"
)

// Verdict is what a lookup finds.
type Verdict uint8

const (
	// Found: a route answers; the Match is filled.
	Found Verdict = iota
	// NotFound: no route covers the path (404).
	NotFound
	// MethodNotAllowed: the route that covers the path does not answer the method (405); Match.Allow is filled.
	MethodNotAllowed
	// Unsafe: the path is one that is never forwarded (400); the package documentation lists them.
	Unsafe
)

// maxCaptures is the number of captures that a document allows in one pattern.
const maxCaptures = 8

// Match is the result of a lookup. Its zero value is ready; one Match serves any number of lookups, one at a time.
type Match struct {
	// Route is the route that answers. Nil unless the verdict was Found.
	Route *Route
	// Allow is the value of the Allow header (RFC 9110, section 10.2.1). Nil unless the verdict was MethodNotAllowed.
	// It belongs to the table: read only.
	Allow []byte

	rest     int // offset of what follows the matched part: a slash, or the end of the path
	captures [maxCaptures]span
}

// Capture returns what the pattern's capture of this number, from 0, took of path, which must be the one that Lookup found.
func (m *Match) Capture(path []byte, number int) []byte {
	s := m.captures[number]
	return path[s.start:s.end]
}

// span is a captured segment, by its offsets in the path.
type span struct{ start, end int }

// Lookup judges path, a request's path as it was received without the query, and finds the route that answers it. It
// fills m, which holds offsets into path and not its bytes.
func (t *Table) Lookup(path, method []byte, m *Match) Verdict {
	m.Route, m.Allow = nil, nil
	j := judge(path)
	if !j.safe {
		return Unsafe
	}
	w := walk{path: path, escaped: j.escaped, slash: j.slash, match: m}
	leaf := w.find(t.root, 0, 0)
	if leaf == nil {
		return NotFound
	}
	if j.slash < len(path) && j.slash <= m.rest {
		return Unsafe
	}
	for _, route := range leaf.routes {
		if route.answers(method) {
			m.Route = route
			return Found
		}
	}
	m.Allow = leaf.allow
	return MethodNotAllowed
}

func (r *Route) answers(method []byte) bool {
	list, found := refusedMethods, false
	if len(r.methods) > 0 {
		list, found = r.methods, true
	}
	return slices.ContainsFunc(list, func(m string) bool { return m == string(method) }) == found
}

// walk is one search through the trie.
type walk struct {
	path    []byte
	escaped bool // path holds escapes
	slash   int  // offset of the first escaped slash
	match   *Match
}

// find returns the leaf that covers the path from offset i, which is that of a slash or the end of the path, and sets
// the match's rest and captures. captured counts the captures on the way here.
//
// Each node is entered at most once in a search, and without captures only those on one way down.
func (w *walk) find(n *node, i, captured int) *leaf {
	if i == len(w.path) {
		return w.end(i, n.exact, n.prefix)
	}
	start, end := w.segment(i)
	if start == len(w.path) && n.exactSlash != nil {
		return w.end(start, n.exactSlash)
	}
	if next := n.literal(w.path[start:end], w.escaped); next != nil && start < end {
		if leaf := w.find(next, end, captured); leaf != nil {
			return leaf
		}
	}
	if n.capture != nil && start < end {
		if leaf := w.find(n.capture, end, captured+1); leaf != nil {
			w.match.captures[captured] = span{start, end}
			return leaf
		}
	}
	return w.end(i, n.prefixSlash, n.prefix)
}

// end takes the first leaf that is there, as one whose matched part ends at i.
func (w *walk) end(i int, leaves ...*leaf) *leaf {
	for _, leaf := range leaves {
		if leaf != nil {
			w.match.rest = i
			return leaf
		}
	}
	return nil
}

// segment returns the segment after the slash at i, escaped slashes read as slashes and merged.
func (w *walk) segment(i int) (start, end int) {
	if w.slash == len(w.path) {
		start = i + 1
		if n := bytes.IndexByte(w.path[start:], '/'); n >= 0 {
			return start, start + n
		}
		return start, len(w.path)
	}
	start = i
	for start < len(w.path) {
		c, n, _ := read(w.path, start)
		if c != '/' {
			break
		}
		start += n
	}
	for end = start; end < len(w.path); {
		c, n, _ := read(w.path, end)
		if c == '/' {
			break
		}
		end += n
	}
	return start, end
}
