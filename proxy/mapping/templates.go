package mapping

import (
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/itchyny/gojq"
)

// operators are the guarded ones, of which __a is the left side and __b the right.
var operators = map[gojq.Operator]string{
	gojq.OpAdd:       "__a + __b | __made",
	gojq.OpMul:       "__product(__a; __b; __meter) | .[0] * .[1]",
	gojq.OpSub:       "__pairs(__a; __b; __meter) | .[0] - .[1]",
	gojq.OpDiv:       "__quotient(__a; __b; __meter) | .[0] / .[1]",
	gojq.OpEq:        "__trees(__a; __b; __meter) | .[0] == .[1]",
	gojq.OpNe:        "__trees(__a; __b; __meter) | .[0] != .[1]",
	gojq.OpGt:        "__trees(__a; __b; __meter) | .[0] > .[1]",
	gojq.OpGe:        "__trees(__a; __b; __meter) | .[0] >= .[1]",
	gojq.OpLt:        "__trees(__a; __b; __meter) | .[0] < .[1]",
	gojq.OpLe:        "__trees(__a; __b; __meter) | .[0] <= .[1]",
	gojq.OpAssign:    "__a = (__b | __tree)",
	gojq.OpModify:    "__a |= (__b | __tree)",
	gojq.OpUpdateAdd: "__b as $__x | __a |= (. + $__x | __made)",
	gojq.OpUpdateSub: "__b as $__x | __a |= (__pairs(.; $__x; __meter) | .[0] - .[1])",
	gojq.OpUpdateMul: "__b as $__x | __a |= (__product(.; $__x; __meter) | .[0] * .[1])",
	gojq.OpUpdateDiv: "__b as $__x | __a |= (__quotient(.; $__x; __meter) | .[0] / .[1])",
	gojq.OpUpdateAlt: "__a //= (__b | __tree)",
}

// functions are the interpreter's guarded ones, by name and number of arguments.
var functions = map[string]string{
	"tojson/0":     "__tree | tojson | __made",
	"tostring/0":   "__tree | tostring | __made",
	"format/1":     "__tree | format(__a)",
	"flatten/0":    "__tree | flatten",
	"flatten/1":    "__tree | flatten(__a)",
	"add/0":        "__tree | add",
	"add/1":        "reduce __a as $__x (null; . + $__x | __made)",
	"join/1":       "__tree | join(__separator(__a; __meter))",
	"sort/0":       "__tree | sort",
	"unique/0":     "__tree | unique",
	"min/0":        "__tree | min",
	"max/0":        "__tree | max",
	"sort_by/1":    "sort_by(__a | __tree)",
	"group_by/1":   "group_by(__a | __tree)",
	"unique_by/1":  "unique_by(__a | __tree)",
	"min_by/1":     "min_by(__a | __tree)",
	"max_by/1":     "max_by(__a | __tree)",
	"bsearch/1":    "__tree | bsearch(__a | __tree)",
	"IN/1":         "__tree | IN(__a | __tree)",
	"IN/2":         "IN(__a | __tree; __b | __tree)",
	"INDEX/1":      "INDEX(__a | __tree)",
	"INDEX/2":      "INDEX(__a; __b | __tree)",
	"contains/1":   "__pairs(.; __a; __meter) | .[1] as $__x | .[0] | contains($__x)",
	"inside/1":     "__pairs(.; __a; __meter) | .[1] as $__x | .[0] | inside($__x)",
	"index/1":      "__pairs(.; __a; __meter) | .[1] as $__x | .[0] | index($__x)",
	"rindex/1":     "__pairs(.; __a; __meter) | .[1] as $__x | .[0] | rindex($__x)",
	"indices/1":    "__pairs(.; __a; __meter) | .[1] as $__x | .[0] | indices($__x)",
	"transpose/0":  "__rectangle | transpose",
	"setpath/2":    "setpath(__a | __path; __b)",
	"getpath/1":    "getpath(__a | __path)",
	"delpaths/1":   "delpaths(__a | __paths)",
	"fromstream/1": "fromstream(__a | __event)",
	"tonumber/0":   "__digits | tonumber",
	"fromjson/0":   "__text(__meter; 32) | fromjson",
	"explode/0":    "__text(__meter; 32) | explode",
	"split/1":      "split(__pieces(__a; __meter))",
	"test/1":       "__a as $__x | __search($__x; null; false; __meter) | test($__x)",
	"test/2":       "__a as $__x | __b as $__y | __search($__x; $__y; false; __meter) | test($__x; $__y)",
	"split/2":      found("split($__x; $__y)"),
	"splits/1":     foundBy("splits($__x)"),
	"splits/2":     found("splits($__x; $__y)"),
	"match/1":      foundBy("match($__x)"),
	"match/2":      found("match($__x; $__y)"),
	"capture/1":    foundBy("capture($__x)"),
	"capture/2":    found("capture($__x; $__y)"),
	"scan/1":       foundBy("scan($__x)"),
	"scan/2":       found("scan($__x; $__y)"),
	"sub/2":        foundBy("sub($__x; __b)"),
	"sub/3":        "__a as $__x | __c as $__y | __text(__meter; 512) | __search($__x; $__y; true; __meter) | sub($__x; __b; $__y)",
	"gsub/2":       foundBy("gsub($__x; __b)"),
	"gsub/3":       "__a as $__x | __c as $__y | __text(__meter; 512) | __search($__x; $__y; true; __meter) | gsub($__x; __b; $__y)",
}

// found is the template of a function that searches a text: __a are expressions, __b flags.
func found(call string) string {
	return "__a as $__x | __b as $__y | __text(__meter; 512) | __search($__x; $__y; true; __meter) | " + call
}

// foundBy is found without flags, but that an expression may be a list of it and them.
func foundBy(call string) string {
	return "__a as $__x | __text(__meter; 512) | __search($__x; null; true; __meter) | " + call
}

// preludeText defines what guards are called by. To call a function without arguments is one instruction; to give the meter
// to each would be ten.
const preludeText = `def __meter: $__meter; def __made: __made(__meter); def __tree: __tree(__meter); def __rectangle: __rectangle(__meter);
def __index: __index(__meter); def __path: __path(__meter); def __paths: __paths(__meter); def __event: __event(__meter); .`

var prelude = sync.OnceValue(func() []*gojq.FuncDef { return parse(preludeText).FuncDefs })

// called returns what a guarded program calls of the prelude.
func called(query *gojq.Query) (definitions []*gojq.FuncDef) {
	names := map[string]bool{}
	visit(query, func(node any) {
		if t, ok := node.(*gojq.Term); ok && t.Type == gojq.TermTypeFunc && strings.HasPrefix(t.Func.Name, "__") {
			names[t.Func.Name], names["__meter"] = true, true
		}
	})
	for _, definition := range prelude() {
		if names[definition.Name] {
			definitions = append(definitions, definition)
		}
	}
	return definitions
}

// parse parses what is part of this package.
func parse(text string) *gojq.Query {
	query, err := gojq.Parse(text)
	if err != nil {
		panic("mapping: " + text + ": " + err.Error())
	}
	return query
}

// templates are those that were parsed, by their texts. They never change.
var templates sync.Map

// expand returns a copy of a template with arguments in the place of __a, __b and __c.
func expand(template string, arguments ...*gojq.Query) *gojq.Query {
	query, found := templates.Load(template)
	if !found {
		query, _ = templates.LoadOrStore(template, parse(template))
	}
	return fill(reflect.ValueOf(query), arguments).Interface().(*gojq.Query)
}

// fill copies a part of a template.
func fill(v reflect.Value, arguments []*gojq.Query) reflect.Value {
	copied := v
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		copied = reflect.New(v.Type().Elem())
		if t, ok := reflect.TypeAssert[*gojq.Term](v); ok && t.Type == gojq.TermTypeFunc && placeOf(t.Func.Name) >= 0 {
			replace(copied.Interface().(*gojq.Term), arguments[placeOf(t.Func.Name)])
		} else {
			copied.Elem().Set(fill(v.Elem(), arguments))
		}
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		copied = reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			copied.Index(i).Set(fill(v.Index(i), arguments))
		}
	case reflect.Struct:
		copied = reflect.New(v.Type()).Elem()
		for i := range v.NumField() {
			copied.Field(i).Set(fill(v.Field(i), arguments))
		}
	}
	return copied
}

// placeOf returns the number of the argument that a template's name stands for, or -1.
func placeOf(name string) int { return slices.Index([]string{"__a", "__b", "__c"}, name) }
