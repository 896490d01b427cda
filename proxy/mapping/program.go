package mapping

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/itchyny/gojq"
)

// program is a compiled jq program.
type program struct {
	code *gojq.Code
	// perRun is compiled for every run, as the interpreter never forgets a regular expression: one that is made of data
	// would fill the memory. Nil: code serves all.
	perRun func() (*gojq.Code, error)
	limits limits
	// captures are the names of the route's captures.
	captures []string
	// Which variables are looked at; the others need not be made.
	usesCaptures, usesQuery bool
}

// meterVariable is how guards reach the run's meter. No program can name it.
const meterVariable = "$__meter"

// The variables, in the order in which their values are given.
var variables = []string{"$status", "$captures", "$query", meterVariable}

// programs are those that are compiled already, so that routes with the same share it, as they often do for errors. A program
// that uses no captures is found without them.
type programs map[programKey]*program

type programKey struct {
	source, captures string
	limits           limits
}

func (known programs) compile(source string, captures []string, l limits) (*program, error) {
	key := programKey{source: source, limits: l}
	if p := known[key]; p != nil {
		return p, nil
	}
	key.captures = strings.Join(captures, "/")
	if p := known[key]; p != nil {
		return p, nil
	}
	p, err := compileProgram(source, captures, l)
	if err != nil {
		return nil, err
	}
	if !p.usesCaptures {
		key.captures = ""
	}
	known[key] = p
	return p, nil
}

func compileProgram(source string, captures []string, l limits) (p *program, err error) {
	defer func() {
		if recover() != nil { // a fault of the interpreter is not to end the process
			p, err = nil, errors.New("the program can not be compiled; write it in another way")
		}
	}()
	query, err := gojq.Parse(source)
	if err != nil {
		return nil, place(source, err)
	}
	g := guarder{captures: captures}
	if err := g.guard(query); err != nil {
		return nil, err
	}
	compile := func() (*gojq.Code, error) {
		return gojq.Compile(query, append(guardFunctions(l.largest()), gojq.WithVariables(variables))...)
	}
	code, err := compile()
	if err != nil {
		return nil, advise(err)
	}
	p = &program{code: code, limits: l, captures: captures, usesCaptures: g.usesCaptures, usesQuery: g.usesQuery}
	if g.makesExpressions {
		p.perRun = compile
	}
	return p, nil
}

// place says in which line and column a program can not be read.
func place(source string, err error) error {
	failure, ok := errors.AsType[*gojq.ParseError](err)
	if !ok {
		return err
	}
	at := min(failure.Offset, len(source))
	if strings.HasSuffix(source[:at], failure.Token) {
		at -= len(failure.Token)
	}
	before := source[:at]
	line := 1 + strings.Count(before, "\n")
	column := 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	return fmt.Errorf("line %d, column %d: %w; correct the program, which jq's own command line can help with", line, column, err)
}

// advice is what to do about what the interpreter does not compile, by what its error begins with.
var advice = []struct{ begins, remedy string }{
	{"function not defined", "correct the name or the number of arguments, or define it in the program"},
	{"variable not defined", "the variables are $status, $captures and $query"},
	{"input(s)/0 is not allowed", "a program sees one answer, as its input '.'"},
	{"cannot load module", "write what it defines into the program; there are no modules"},
	{"label not defined", "write label $name | before it"},
	{"format not defined", "the formats are @text, @json, @html, @uri, @csv, @tsv, @sh, @base64, @base64d and @urid"},
}

// advise adds the remedy to an error of the interpreter's compiler, which names the token.
func advise(err error) error {
	for _, a := range advice {
		if strings.HasPrefix(err.Error(), a.begins) {
			return fmt.Errorf("%w; %s", err, a.remedy)
		}
	}
	return fmt.Errorf("%w; correct the program", err)
}
