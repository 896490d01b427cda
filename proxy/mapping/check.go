package mapping

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/itchyny/gojq"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

const (
	// checkTimeout bounds the run of one example, and checkAllTimeout those of a document. The operator runs the examples of
	// any namespace.
	checkTimeout    = time.Second
	checkAllTimeout = 5 * time.Second
	// shown is how much of a value an error shows, in bytes.
	shown = 200
)

// CheckDocument is CompileDocument for those who only want to know.
func CheckDocument(d *config.Document) error {
	_, err := CompileDocument(d)
	return err
}

// CompileDocument compiles the answer mappings of a valid document and runs their examples. The result has one for each
// route of each ambassador, in their order; nil for a route without. Every mistake is an error with the path of its field,
// such as "ambassadors[0].routes[2].response.rules[0].jq: ..."; several are joined, one a line.
func CompileDocument(d *config.Document) ([][]*Mapping, error) {
	ctx, cancel := context.WithTimeout(context.Background(), checkAllTimeout)
	defer cancel()
	all, known := make([][]*Mapping, len(d.Ambassadors)), programs{}
	var errs []error
	for i := range d.Ambassadors {
		for j := range d.Ambassadors[i].Routes {
			m, err := compileRoute(ctx, &d.Ambassadors[i].Routes[j], known)
			if err != nil {
				errs = append(errs, at(fmt.Sprintf("ambassadors[%d].routes[%d]", i, j), err)...)
			}
			all[i] = append(all[i], m)
		}
	}
	return all, errors.Join(errs...)
}

func compileRoute(ctx context.Context, r *config.Route, known programs) (*Mapping, error) {
	if r.Response == nil {
		return nil, nil
	}
	m, err := compile(r.Response, config.CapturesOf(r.Path), known)
	if err != nil {
		return nil, err
	}
	if err := m.Check(ctx); err != nil {
		return nil, err
	}
	return m, nil
}

// joinedErrors is what errors.Join returns.
type joinedErrors interface {
	error
	Unwrap() []error
}

// at puts a path before each of the errors that are joined in one.
func at(path string, err error) []error {
	joined, ok := errors.AsType[joinedErrors](err)
	if !ok {
		return []error{fmt.Errorf("%s.%w", path, err)}
	}
	var errs []error
	for _, e := range joined.Unwrap() {
		errs = append(errs, fmt.Errorf("%s.%w", path, e))
	}
	return errs
}

// Check runs the examples, each for a second at most. What does not come out as an example says is an error that names it,
// such as "response.examples[1].output", with what was wanted and what came; several are joined, one a line. Unlike those
// of Map these errors tell why a program failed, as the example's content is its author's own.
func (m *Mapping) Check(ctx context.Context) error {
	var errs []error
	for i := range m.examples {
		if err := m.checkExample(ctx, &m.examples[i]); err != nil {
			errs = append(errs, fmt.Errorf("response.examples[%d].%w", i, err))
		}
	}
	return errors.Join(errs...)
}

func (m *Mapping) checkExample(ctx context.Context, e *config.Example) error {
	request := &Request{Status: cmp.Or(e.Status, 200), values: []any{toAny(e.Captures), toAny(e.Query), nil}}
	rule := m.Rule(request.Status)
	if rule == nil {
		rule = &Rule{}
	}
	rule = rule.bounded(checkTimeout)
	output, status, err := rule.example(ctx, []byte(e.Input), request)
	switch {
	case err != nil:
		return explain(rule, err)
	case output == nil && e.Output != "":
		return fmt.Errorf("output: want %s, but rules[%d] makes nothing of it; correct the program or the example", short(e.Output), rule.index)
	case e.OutputStatus != 0 && status != e.OutputStatus:
		return fmt.Errorf("outputStatus: want %d, but %d comes out; correct the rule's status or the example", e.OutputStatus, status)
	}
	return compare(e.Output, output)
}

// bounded returns a rule whose programs run for a time at most.
func (r *Rule) bounded(timeout time.Duration) *Rule {
	short := *r
	for _, p := range []**program{&short.program, &short.statusProgram} {
		if *p != nil {
			copied := **p
			copied.limits.timeout = min(copied.limits.timeout, timeout)
			*p = &copied
		}
	}
	return &short
}

// example maps an answer's content, or an event: then nil comes out where it is left out.
func (r *Rule) example(ctx context.Context, content []byte, request *Request) (output []byte, status int, err error) {
	if r.stream == "" || r.program == nil || request.Status >= firstError {
		return r.Map(ctx, nil, content, request)
	}
	output, _, err = r.program.appendEvent(ctx, nil, content, r.program.values(request))
	return output, cmp.Or(r.Status, request.Status), err
}

// compare compares JSON by value. An empty want accepts anything.
func compare(want string, got []byte) error {
	if want == "" {
		return nil
	}
	wanted, err := decode([]byte(want))
	if err != nil {
		return errors.New("output: it is not JSON; write the one value that shall come out")
	}
	came, err := decode(got)
	if err != nil {
		return fmt.Errorf("output: want %s, but no rule with a program fits the status, and the input is not JSON", short(want))
	}
	if gojq.Compare(wanted, came) != 0 {
		return fmt.Errorf("output: want %s, but %s comes out; correct the program or the example", short(want), short(string(got)))
	}
	return nil
}

// explain says what failed in an example.
func explain(r *Rule, err error) error {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("input: the document's examples take longer than %s; give fewer, or make the programs faster", checkAllTimeout)
	case errors.Is(err, ErrInput):
		return fmt.Errorf("input: it is not JSON%s; write what the service answers, or an event of its stream", cause(err))
	case errors.Is(err, ErrTooLarge):
		return fmt.Errorf("input: %w; raise maxBytes or maxOutputBytes, or shorten the example", err)
	}
	if failure, ok := errors.AsType[*failure](err); ok {
		err = failure.err
	}
	return fmt.Errorf("input: rules[%d].jq: %w%s; correct the program or the example", r.index, err, cause(err))
}

// detailed is an error whose cause may hold a piece of the answer: it is not in the error's text.
type detailed struct{ err, cause error }

func (d *detailed) Error() string { return d.err.Error() }

func (d *detailed) Unwrap() error { return d.err }

// cause returns the cause of an error in short, where there is one, after a colon.
func cause(err error) string {
	d, ok := errors.AsType[*detailed](err)
	if !ok {
		return ""
	}
	if thrown, ok := errors.AsType[gojq.ValueError](d.cause); ok {
		if text, ok := thrown.Value().(string); ok {
			return ": " + short("error: "+text)
		}
		return ": error: " + gojq.Preview(thrown.Value()) // all of it may be without end
	}
	return ": " + short(d.cause.Error())
}

// short cuts a text to what an error can show.
func short(text string) string {
	if len(text) <= shown {
		return text
	}
	return strings.ToValidUTF8(text[:shown], "") + " ..."
}

func toAny(values map[string]string) map[string]any {
	all := make(map[string]any, len(values))
	for name, value := range values {
		all[name] = value
	}
	return all
}
