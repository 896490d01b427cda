package route

import "math/bits"

// node is one segment of the compiled routes. It never changes after the table is compiled.
type node struct {
	// slots is an open-addressed hash table of the literal segments that follow; its length is 0 or a power of two, at
	// most half full.
	slots   []slot
	capture *node // the segment that follows is captured
	// The routes that end here: without and with a slash after the last segment.
	exact, prefix, exactSlash, prefixSlash *leaf
}

// slot is one literal segment that may follow.
type slot struct {
	segment string
	next    *node // nil in a free slot
}

// leaf holds the routes of one pattern; they differ by method.
type leaf struct {
	routes []*Route
	allow  []byte
}

// The hash is FNV-1a: the segments hashed into the table are the operator's, so nobody gains by collisions.
const (
	hashBasis = 2166136261
	hashPrime = 16777619
)

// literal returns the node that follows for segment, or nil. escaped says that the segment may hold escapes.
func (n *node) literal(segment []byte, escaped bool) *node {
	if len(n.slots) == 0 {
		return nil
	}
	mask := uint32(len(n.slots) - 1)
	for at := hash(segment, escaped) & mask; n.slots[at].next != nil; at = (at + 1) & mask {
		s := &n.slots[at]
		if string(segment) == s.segment || escaped && reads(segment, s.segment) {
			return s.next
		}
	}
	return nil
}

// hash hashes the bytes that segment means.
func hash(segment []byte, escaped bool) uint32 {
	h := uint32(hashBasis)
	if !escaped {
		for _, c := range segment {
			h = (h ^ uint32(c)) * hashPrime
		}
		return h
	}
	for i := 0; i < len(segment); {
		c, n, _ := read(segment, i)
		h = (h ^ uint32(c)) * hashPrime
		i += n
	}
	return h
}

// reads reports whether segment, its escapes read, is literal.
func reads(segment []byte, literal string) bool {
	at := 0
	for i := 0; i < len(segment); at++ {
		c, n, _ := read(segment, i)
		if at >= len(literal) || c != literal[at] {
			return false
		}
		i += n
	}
	return at == len(literal)
}

// setLiterals fills the hash table.
func (n *node) setLiterals(next map[string]*node) {
	if len(next) == 0 {
		return
	}
	n.slots = make([]slot, 2<<bits.Len(uint(len(next)-1)))
	mask := uint32(len(n.slots) - 1)
	for segment, follows := range next {
		at := hash([]byte(segment), false) & mask
		for n.slots[at].next != nil {
			at = (at + 1) & mask
		}
		n.slots[at] = slot{segment, follows}
	}
}
