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
	err      error

	usesCaptures, usesQuery bool
	makesExpressions        bool // regular expressions come from data
}

// guard rewrites the program in place. It fails where the program has what can not work.
func (g *guarder) guard(query *gojq.Query) error {
	visit(query, g.note)
	visit(query, g.rewrite)
	query.FuncDefs = append(called(query), query.FuncDefs...)
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
		g.reserve(n.Name)
		g.keep(n.Name, len(n.Args))
		for _, name := range n.Args {
			g.reserve(name)
		}
	case *gojq.Pattern:
		g.reserve(n.Name)
	case *gojq.PatternObject:
		if strings.HasPrefix(n.Key, "$") {
			g.reserve(n.Key)
		}
	case *gojq.Term:
		if n.Type == gojq.TermTypeFunc {
			g.use(n)
		}
	}
}

// reserve keeps a program from taking the guards' names, and from calling what the interpreter has for itself, such as
// _multiply. Variables may begin with one underscore.
func (g *guarder) reserve(name string) {
	plain, isVariable := strings.CutPrefix(name, "$")
	switch {
	case g.err != nil:
	case strings.HasPrefix(plain, "__"):
		g.err = fmt.Errorf("%q begins with two underscores; name it otherwise", plain)
	case strings.HasPrefix(plain, "_") && !isVariable:
		g.err = fmt.Errorf("the function %q begins with an underscore; name it otherwise", plain)
	}
}

// keep keeps a program from hiding a guarded function of the interpreter, which other parts of it may mean. One without
// arguments may be hidden: its guard looks at what goes in and comes out, whoever makes it.
func (g *guarder) keep(name string, arguments int) {
	signature := fmt.Sprintf("%s/%d", name, arguments)
	if arguments > 0 && functions[signature] != "" && g.err == nil {
		g.err = fmt.Errorf("%s is one of jq's own functions; name yours otherwise", signature)
	}
}

func (g *guarder) use(t *gojq.Term) {
	g.reserve(t.Func.Name)
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
				n.Queries[i] = parenthesize(expand("__a | __tree", q))
			}
		}
	case *gojq.Index:
		n.Start, n.End = guardIndex(n.Start), guardIndex(n.End)
	}
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
	return expand("__a | __index", q)
}

// guardTerm guards calls of the interpreter's functions and formats.
func (g *guarder) guardTerm(t *gojq.Term) {
	switch t.Type {
	case gojq.TermTypeString:
		if t.Str.Queries != nil {
			replace(t, expand("__a | __made", alone(t)))
		}
	case gojq.TermTypeFormat:
		if t.Str == nil {
			replace(t, expand("__tree | __a", alone(t)))
		} else if t.Str.Queries != nil {
			replace(t, expand("__a | __made", alone(t)))
		}
	case gojq.TermTypeFunc:
		name := t.Func.Name
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
