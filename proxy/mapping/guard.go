package mapping

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/itchyny/gojq"
)

// guarder rewrites a program so that each step that could take long or much at once is asked first whether it may: the
// interpreter looks at its context between steps only. The guards themselves are in guards.go.
type guarder struct {
	captures []string
	defined  map[string]bool // functions and their parameters, which hide what the interpreter has of these names
	err      error

	usesCaptures, usesQuery bool
	makesExpressions        bool // regular expressions come from data
}

// guard rewrites the program in place. It fails where the program has what can not work.
func (g *guarder) guard(query *gojq.Query) error {
	g.defined = map[string]bool{}
	visit(query, g.note)
	visit(query, g.rewrite)
	return g.err
}

// visit calls f with every node of a program, those within a node before it.
func visit(root *gojq.Query, f func(node any)) { visitValue(reflect.ValueOf(root), f) }

func visitValue(v reflect.Value, f func(node any)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			visitValue(v.Elem(), f)
			f(v.Interface())
		}
	case reflect.Slice:
		for i := range v.Len() {
			visitValue(v.Index(i), f)
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			visitValue(field, f)
		}
	}
}

// note takes down what a program defines and uses.
func (g *guarder) note(node any) {
	switch n := node.(type) {
	case *gojq.FuncDef:
		g.define(n.Name)
		for _, name := range n.Args {
			g.define(strings.TrimPrefix(name, "$"))
		}
	case *gojq.Pattern:
		g.reserve(strings.TrimPrefix(n.Name, "$"))
	case *gojq.Term:
		if n.Type == gojq.TermTypeFunc {
			g.use(n)
		}
	}
}

func (g *guarder) define(name string) {
	g.reserve(name)
	g.defined[name] = true
}

// reserve keeps a program from taking the guards' names.
func (g *guarder) reserve(name string) {
	if strings.HasPrefix(name, "__") && g.err == nil {
		g.err = fmt.Errorf("%q begins with two underscores; name it otherwise", name)
	}
}

func (g *guarder) use(t *gojq.Term) {
	g.reserve(strings.TrimPrefix(t.Func.Name, "$"))
	switch t.Func.Name {
	case "$query":
		g.usesQuery = true
	case "$captures":
		g.usesCaptures = true
		if len(t.SuffixList) == 0 || t.SuffixList[0].Index == nil {
			return
		}
		if name := t.SuffixList[0].Index.Name; name != "" && !slices.Contains(g.captures, name) && g.err == nil {
			g.err = fmt.Errorf("$captures.%s: the route's path has no {%s}; %s", name, name, g.listCaptures())
		}
	}
}

func (g *guarder) listCaptures() string {
	if len(g.captures) == 0 {
		return "it captures nothing"
	}
	return "it captures " + strings.Join(g.captures, ", ")
}

// rewrite guards one node, what is within which is guarded already.
func (g *guarder) rewrite(node any) {
	switch n := node.(type) {
	case *gojq.Query:
		guardOperator(n)
	case *gojq.Term:
		g.guardTerm(n)
	case *gojq.String:
		for i, q := range n.Queries {
			if !isScalar(q) {
				n.Queries[i] = parenthesize(expand("__a | __tree($__meter)", q))
			}
		}
	case *gojq.Index:
		n.Start, n.End = guardIndex(n.Start), guardIndex(n.End)
	}
}

// operators are the guarded ones, of which __a is the left side and __b the right.
var operators = map[gojq.Operator]string{
	gojq.OpAdd:       "__a + __b | __made($__meter)",
	gojq.OpMul:       "__product(__a; __b; $__meter) | .[0] * .[1]",
	gojq.OpSub:       "__pairs(__a; __b; $__meter) | .[0] - .[1]",
	gojq.OpDiv:       "__quotient(__a; __b; $__meter) | .[0] / .[1]",
	gojq.OpEq:        "__trees(__a; __b; $__meter) | .[0] == .[1]",
	gojq.OpNe:        "__trees(__a; __b; $__meter) | .[0] != .[1]",
	gojq.OpGt:        "__trees(__a; __b; $__meter) | .[0] > .[1]",
	gojq.OpGe:        "__trees(__a; __b; $__meter) | .[0] >= .[1]",
	gojq.OpLt:        "__trees(__a; __b; $__meter) | .[0] < .[1]",
	gojq.OpLe:        "__trees(__a; __b; $__meter) | .[0] <= .[1]",
	gojq.OpAssign:    "__a = (__b | __tree($__meter))",
	gojq.OpModify:    "__a |= (__b | __tree($__meter))",
	gojq.OpUpdateAdd: "__b as $__x | __a |= (. + $__x | __made($__meter))",
	gojq.OpUpdateSub: "__b as $__x | __a |= (__pairs(.; $__x; $__meter) | .[0] - .[1])",
	gojq.OpUpdateMul: "__b as $__x | __a |= (__product(.; $__x; $__meter) | .[0] * .[1])",
	gojq.OpUpdateDiv: "__b as $__x | __a |= (__quotient(.; $__x; $__meter) | .[0] / .[1])",
	gojq.OpUpdateAlt: "__a //= (__b | __tree($__meter))",
}

func guardOperator(q *gojq.Query) {
	template, guarded := operators[q.Op]
	if q.Term != nil || !guarded || isHarmless(q) {
		return
	}
	expanded := parenthesize(expand(template, q.Left, q.Right))
	expanded.Meta, expanded.Imports, expanded.FuncDefs = q.Meta, q.Imports, q.FuncDefs
	*q = *expanded
}

// isHarmless reports whether a side of an operator makes it cheap, whatever the other is.
func isHarmless(q *gojq.Query) bool {
	switch q.Op {
	case gojq.OpMul, gojq.OpUpdateMul:
		return isSmall(q.Left) || isSmall(q.Right)
	case gojq.OpAssign, gojq.OpModify, gojq.OpUpdateAlt, gojq.OpUpdateAdd, gojq.OpUpdateSub, gojq.OpUpdateDiv:
		return isScalar(q.Right)
	case gojq.OpAdd, gojq.OpSub, gojq.OpDiv:
		return isNumber(q.Left) || isNumber(q.Right)
	}
	return isScalar(q.Left) || isScalar(q.Right)
}

// isScalar reports whether a query is a literal of small size.
func isScalar(q *gojq.Query) bool {
	if q == nil || q.Term == nil || len(q.Term.SuffixList) > 0 {
		return false
	}
	switch t := q.Term; t.Type {
	case gojq.TermTypeNull, gojq.TermTypeTrue, gojq.TermTypeFalse, gojq.TermTypeNumber:
		return true
	case gojq.TermTypeString:
		return t.Str.Queries == nil
	}
	return isNumber(q)
}

// isNumber reports whether a query is a number that is written out.
func isNumber(q *gojq.Query) bool {
	if q == nil || q.Term == nil || len(q.Term.SuffixList) > 0 {
		return false
	}
	t := q.Term
	return t.Type == gojq.TermTypeNumber || t.Type == gojq.TermTypeUnary && t.Unary.Term.Type == gojq.TermTypeNumber
}

// isSmall reports whether a query is a number of at most two digits.
func isSmall(q *gojq.Query) bool {
	return isNumber(q) && q.Term.Type == gojq.TermTypeNumber && len(q.Term.Number) <= 2
}

func guardIndex(q *gojq.Query) *gojq.Query {
	if q == nil || isScalar(q) && (q.Term.Type != gojq.TermTypeNumber || len(q.Term.Number) <= 4) {
		return q
	}
	return expand("__a | __index($__meter)", q)
}

// guardTerm guards calls of the interpreter's functions and formats.
func (g *guarder) guardTerm(t *gojq.Term) {
	switch t.Type {
	case gojq.TermTypeString:
		if t.Str.Queries != nil {
			replace(t, expand("__a | __made($__meter)", alone(t)))
		}
	case gojq.TermTypeFormat:
		if t.Str == nil {
			replace(t, expand("__tree($__meter) | __a", alone(t)))
		} else if t.Str.Queries != nil {
			replace(t, expand("__a | __made($__meter)", alone(t)))
		}
	case gojq.TermTypeFunc:
		name := t.Func.Name
		if g.defined[name] {
			return
		}
		if expressions[name] && (len(t.Func.Args) == 0 || !isScalar(t.Func.Args[0])) {
			g.makesExpressions = true
		}
		if template, guarded := functions[fmt.Sprintf("%s/%d", name, len(t.Func.Args))]; guarded {
			replace(t, expand(template, t.Func.Args...))
		}
	}
}

// alone returns a term without its suffixes.
func alone(t *gojq.Term) *gojq.Query {
	inner := *t
	inner.SuffixList = nil
	return &gojq.Query{Term: &inner}
}

// replace puts a query in the place of a term, under its suffixes.
func replace(t *gojq.Term, q *gojq.Query) {
	*t = gojq.Term{Type: gojq.TermTypeQuery, Query: q, SuffixList: t.SuffixList}
}

func parenthesize(q *gojq.Query) *gojq.Query {
	return &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeQuery, Query: q}}
}

// expand parses a template, and puts arguments in the place of __a, __b and __c.
func expand(template string, arguments ...*gojq.Query) *gojq.Query {
	query, err := gojq.Parse(template)
	if err != nil {
		panic("mapping: template " + template + ": " + err.Error())
	}
	var places []*gojq.Term
	visit(query, func(node any) {
		if t, ok := node.(*gojq.Term); ok && t.Type == gojq.TermTypeFunc && placeOf(t.Func.Name) >= 0 {
			places = append(places, t)
		}
	})
	for _, t := range places {
		replace(t, arguments[placeOf(t.Func.Name)])
	}
	return query
}

// placeOf returns the number of the argument that a template's name stands for, or -1.
func placeOf(name string) int { return slices.Index([]string{"__a", "__b", "__c"}, name) }
