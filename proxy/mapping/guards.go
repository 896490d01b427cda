package mapping

import (
	"encoding/json"
	"math/big"
	"strings"

	"github.com/itchyny/gojq"
)

const (
	// maxDepth is how deep a value may be: as deep as the JSON that is read.
	maxDepth = 10000
	// maxDigits is how many digits a whole number may have, as the time to read one grows with their square.
	maxDigits = 1024
	// maxIndex is the greatest index that needs no look at the heap.
	maxIndex = 1 << 12
	// maxSought is how long a list may be that is looked for as an index, as JSON.
	maxSought = 256
	// maxPairs is how many pairs of elements two lists may have that are compared each with each.
	maxPairs = 1 << 22
	// bytes of memory that an element of a list takes at least, and a piece of a text.
	elementBytes, pieceBytes = 16, 32
)

// guardFunctions are those that guarded programs call. The last argument is the run's meter, but for factors. No value may
// be longer than largest bytes, as JSON without escapes.
func guardFunctions(largest int) []gojq.CompilerOption {
	g := guards{largest}
	one := func(f func(m *meter, v any) error) func(any, []any) any {
		return func(v any, args []any) any { return or(f(args[0].(*meter), v), v) }
	}
	two := func(f func(m *meter, l, r any) error) func(any, []any) any {
		return func(_ any, args []any) any {
			l, r := args[0], args[1]
			return or(f(args[2].(*meter), l, r), []any{l, r})
		}
	}
	argument := func(f func(m *meter, v, x any) error) func(any, []any) any {
		return func(v any, args []any) any {
			x := args[0]
			return or(f(args[1].(*meter), v, x), x)
		}
	}
	return []gojq.CompilerOption{
		gojq.WithFunction("__made", 1, 1, one(g.made)),
		gojq.WithFunction("__tree", 1, 1, one(g.tree)),
		gojq.WithFunction("__rectangle", 1, 1, one(g.rectangle)),
		gojq.WithFunction("__index", 1, 1, one(g.index)),
		gojq.WithFunction("__path", 1, 1, one(g.path)),
		gojq.WithFunction("__paths", 1, 1, one(g.paths)),
		gojq.WithFunction("__event", 1, 1, one(g.event)),
		gojq.WithFunction("__text", 2, 2, g.text),
		gojq.WithFunction("__search", 4, 4, g.search),
		gojq.WithFunction("__digits", 0, 0, func(v any, _ []any) any { return or(g.digits(v), v) }),
		gojq.WithFunction("__product", 3, 3, two(g.product)),
		gojq.WithFunction("__quotient", 3, 3, two(g.pieces)),
		gojq.WithFunction("__pairs", 3, 3, two(g.pairs)),
		gojq.WithFunction("__trees", 3, 3, two(g.trees)),
		gojq.WithFunction("__separator", 2, 2, argument(g.separator)),
		gojq.WithFunction("__pieces", 2, 2, argument(g.pieces)),
	}
}

func or(err error, v any) any {
	if err != nil {
		return err
	}
	return v
}

// guards are asked before or after a step. Each answers nil or ErrMemory.
type guards struct{ largest int }

// made judges what an operator has made of two values that were small enough.
func (g guards) made(m *meter, v any) error {
	size := 0
	switch v := v.(type) {
	case string:
		if size = len(v); size > g.largest {
			return ErrMemory
		}
	case []any:
		size = len(v) * elementBytes
	case map[string]any:
		size = len(v) * 2 * pieceBytes
	}
	return m.allow(size)
}

// tree judges a value that will be walked through or written as a whole. Parts that occur in many places count in each.
func (g guards) tree(m *meter, v any) error {
	switch v := v.(type) {
	case string:
		return m.allow(len(v))
	case []any, map[string]any:
		left := weigh(v, g.largest, maxDepth)
		if left < 0 {
			return ErrMemory
		}
		return m.allow(g.largest - left)
	}
	return nil
}

func (g guards) trees(m *meter, l, r any) error {
	if err := g.tree(m, l); err != nil {
		return err
	}
	return g.tree(m, r)
}

// weigh takes the length of a value as JSON from left, and stops where that is less than 0.
func weigh(v any, left, depth int) int {
	if depth == 0 {
		return -1
	}
	switch v := v.(type) {
	case string:
		return left - len(v) - 2
	case json.Number:
		return left - len(v)
	case *big.Int:
		return left - v.BitLen()/3 - 1
	case []any:
		left -= 2
		for i := 0; i < len(v) && left >= 0; i++ {
			left = weigh(v[i], left-1, depth-1)
		}
	case map[string]any:
		left -= 2
		for key, inner := range v {
			if left = weigh(inner, left-len(key)-4, depth-1); left < 0 {
				break
			}
		}
	default:
		return left - 1
	}
	return left
}

// rectangle judges a list of lists that all become as long as the longest.
func (g guards) rectangle(m *meter, v any) error {
	rows, _ := v.([]any)
	longest := 0
	for _, row := range rows {
		if row, ok := row.([]any); ok {
			longest = max(longest, len(row))
		}
	}
	return m.allow(len(rows) * longest * elementBytes)
}

// index judges an index that may be written to: a list grows up to it. One that is a list or an object itself is compared
// with others, and must be short.
func (g guards) index(m *meter, v any) error {
	switch v := v.(type) {
	case nil, bool, string:
		return nil
	case []any, map[string]any:
		if weigh(v, maxSought, maxDepth) < 0 {
			return ErrMemory
		}
		return nil
	}
	n, _ := gojq.ToInt(v)
	if n < maxIndex {
		return nil
	}
	return m.allow(min(n, maxGrowth) * elementBytes)
}

// path judges a path. The way to its end is as long on the stack.
func (g guards) path(m *meter, v any) error {
	steps, _ := v.([]any)
	if len(steps) > maxDepth {
		return ErrMemory
	}
	for _, step := range steps {
		if err := g.index(m, step); err != nil {
			return err
		}
	}
	return nil
}

// paths judges a list of paths, which is sorted.
func (g guards) paths(m *meter, v any) error {
	if err := g.tree(m, v); err != nil {
		return err
	}
	all, _ := v.([]any)
	for _, path := range all {
		if err := g.path(m, path); err != nil {
			return err
		}
	}
	return nil
}

// event judges an event of a stream, which begins with a path.
func (g guards) event(m *meter, v any) error {
	if event, ok := v.([]any); ok && len(event) > 0 {
		return g.path(m, event[0])
	}
	return nil
}

// text judges a text of which each byte may become a value of so many bytes: arguments are the meter and that factor.
func (g guards) text(v any, args []any) any {
	s, ok := v.(string)
	if !ok {
		return v
	}
	factor, _ := gojq.ToInt(args[1])
	return or(args[0].(*meter).allow(len(s)*factor), v)
}

func (g guards) digits(v any) error {
	if s, ok := v.(string); ok && len(s) > maxDigits {
		return ErrMemory
	}
	return nil
}

// product judges a multiplication: of a text, or of whole numbers without bounds.
func (g guards) product(m *meter, l, r any) error {
	if s, ok := r.(string); ok {
		l, r = s, l
	}
	switch l := l.(type) {
	case string:
		n, ok := gojq.ToFloat64(r)
		if !ok || n <= 0 {
			return nil
		}
		if size := float64(len(l)) * n; size > float64(g.largest) {
			return ErrMemory
		}
		return m.allow(int(float64(len(l)) * n))
	case map[string]any:
		return g.trees(m, l, r)
	}
	if bits(l)+bits(r) > 4*maxDigits {
		return ErrMemory
	}
	return nil
}

func bits(v any) int {
	switch v := v.(type) {
	case *big.Int:
		return v.BitLen()
	case json.Number:
		return 4 * len(v)
	}
	return 64
}

// pairs judges lists, or texts that are made lists of characters, whose elements are compared each with each.
func (g guards) pairs(m *meter, l, r any) error {
	if err := g.trees(m, l, r); err != nil {
		return err
	}
	if length(l)*length(r) > maxPairs {
		return ErrMemory
	}
	return m.allow(0)
}

func length(v any) int {
	switch v := v.(type) {
	case string:
		return len(v)
	case []any:
		return len(v)
	case map[string]any:
		return len(v)
	}
	return 1
}

// separator judges what is put between all elements of a list.
func (g guards) separator(m *meter, list, x any) error {
	s, _ := x.(string)
	if len(s)*length(list) > g.largest {
		return ErrMemory
	}
	return m.allow(len(s) * length(list))
}

// pieces judges a text that is cut at each place where x stands.
func (g guards) pieces(m *meter, v, x any) error {
	s, isText := v.(string)
	separator, isSeparator := x.(string)
	if !isText || !isSeparator {
		return nil
	}
	return m.allow((strings.Count(s, separator) + 1) * pieceBytes)
}
