package mapping

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

const (
	// maxExpression is how large a regular expression may be, in about the instructions that it compiles to.
	maxExpression = 1 << 14
	// maxSearch is how many bytes times instructions one search may take; a million of them take about 10 ms at worst.
	maxSearch = 1 << 26
	// maxCounted is how many characters may be counted to say where matches are: all before each, for each.
	maxCounted = 1 << 28
)

// expressions are the functions whose first argument is a regular expression.
var expressions = map[string]bool{
	"test": true, "match": true, "capture": true, "scan": true, "split": true, "splits": true, "sub": true, "gsub": true,
}

// expression is what is known of a regular expression.
type expression struct {
	size int
	next *regexp.Regexp // finds it anywhere behind a first character; nil: it is none
}

// expressionOf reads one, once for a run.
func (m *meter) expressionOf(text, flags string) *expression {
	key := [2]string{text, flags}
	if e := m.expressions[key]; e != nil {
		return e
	}
	if strings.Contains(flags, "i") {
		text = "(?i)" + text
	}
	if strings.Contains(flags, "m") {
		text = "(?s)" + text
	}
	e := new(expression)
	if tree, err := syntax.Parse(text, syntax.Perl); err == nil {
		if e.size = sizeOf(tree); e.size <= maxExpression {
			e.next, _ = regexp.Compile(`\A(?s:.)(?s:.*?)(?:` + text + `)`)
		}
	}
	if m.expressions == nil {
		m.expressions = map[[2]string]*expression{}
	}
	m.expressions[key] = e
	return e
}

// sizeOf is about how many instructions an expression compiles to; more than maxExpression stands for any such number.
func sizeOf(e *syntax.Regexp) int {
	size := 1 + len(e.Rune)
	for _, inner := range e.Sub {
		size = min(size+sizeOf(inner), maxExpression+1)
	}
	if e.Op == syntax.OpRepeat {
		size *= max(e.Min, e.Max, 1)
	}
	return min(size, maxExpression+1)
}

// search judges a text that is searched: arguments are the expression, or a list of it and flags; flags, or null; whether
// all matches may be wanted; and the meter. The interpreter finds all matches in one step. Where that could take long they
// are found here first, one by one, as long as there is time.
func (g guards) search(v any, args []any) any {
	text, flags := args[0], args[1]
	if list, ok := text.([]any); ok && len(list) > 1 {
		text, flags = list[0], list[1]
	}
	s, isText := v.(string)
	source, isExpression := text.(string)
	if !isText || !isExpression {
		return v // which the function that is guarded tells
	}
	given, _ := flags.(string)
	m := args[3].(*meter)
	e := m.expressionOf(source, given)
	if e.size > maxExpression || e.size*len(s) > maxSearch {
		m.end(ErrTimeout)
		return ErrTimeout
	}
	if args[2] == true && e.next != nil && e.size*len(s)*len(s) > maxSearch {
		return or(m.findAll(e, s), v)
	}
	return v
}

// findAll takes the time that it takes to find all matches.
func (m *meter) findAll(e *expression, s string) error {
	s = " " + s // each search sees the character before, which decides about the beginnings of words and lines
	counted := 0
	for before, at := 0, 1; ; {
		place := e.next.FindStringIndex(s[before:])
		if m.glance(); m.err != nil {
			return m.err
		}
		if place == nil {
			return nil
		}
		if counted += before + place[1]; counted > maxCounted {
			m.end(ErrTimeout)
			return ErrTimeout
		}
		if end := before + place[1]; end > at {
			at = end
		} else {
			_, size := utf8.DecodeRuneInString(s[at:])
			if at += size; size == 0 {
				return nil
			}
		}
		_, size := utf8.DecodeLastRuneInString(s[:at])
		before = at - size
	}
}
