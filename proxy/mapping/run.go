package mapping

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/itchyny/gojq"
)

// Request is what a program can know of the request, and of the answer besides its content.
type Request struct {
	// Status is the answer's.
	Status int
	// Captures are what the request's path has for the route's captures, in their order, escapes and all.
	Captures []string
	// Query is the client's, as it was received, without the question mark.
	Query string

	values []any // of the other variables; nil: they are made of the above
}

// Map appends to dst what the rule's program makes of an answer's content, and returns the status that goes with it.
// Without a program the content is its own. The context ends the program early. An error wraps one of this package's, or is
// the context's; dst is returned as it was then.
func (r *Rule) Map(ctx context.Context, dst, content []byte, request *Request) (out []byte, status int, err error) {
	status = cmp.Or(r.Status, request.Status)
	if r.program == nil {
		return append(dst, content...), status, nil
	}
	v, err := r.makeValue(ctx, content, request)
	if err == nil && r.statusProgram != nil {
		status, err = r.makeStatus(ctx, v, request, status)
	}
	if err == nil {
		out, err = appendJSON(dst, v, r.limits.output)
	}
	if err != nil {
		return dst, 0, r.fail(err)
	}
	return out, status, nil
}

// firstError is the first of the statuses that tell of errors.
const firstError = 400

// makeValue makes the one value of an answer's content. That of an error may be anything, as gateways answer in HTML: where
// it is not JSON it is null to the program, which still knows the status.
func (r *Rule) makeValue(ctx context.Context, content []byte, request *Request) (any, error) {
	input, err := r.limits.decode(content)
	if err != nil && (!errors.Is(err, ErrInput) || request.Status < firstError) {
		return nil, err
	}
	v, made, err := r.program.run(ctx, input, r.program.values(request))
	if err == nil && !made {
		err = ErrValues
	}
	return v, err
}

// makeStatus makes the status that goes with a value.
func (r *Rule) makeStatus(ctx context.Context, v any, request *Request, fallback int) (int, error) {
	v, made, err := r.statusProgram.run(ctx, v, r.statusProgram.values(request))
	switch {
	case err != nil:
		return 0, err
	case !made:
		return 0, ErrValues
	case v == nil:
		return fallback, nil
	}
	status, isNumber := gojq.ToInt(v)
	if !isNumber || status < 200 || status > 599 {
		return 0, ErrStatus
	}
	return status, nil
}

// values makes the variables' values.
func (p *program) values(request *Request) []any {
	if request.values != nil {
		return append([]any{request.Status}, request.values...)
	}
	captures, query := map[string]any{}, map[string]any{}
	if p.usesCaptures {
		for i, value := range request.Captures[:min(len(request.Captures), len(p.captures))] {
			captures[p.captures[i]] = unescape(value, url.PathUnescape)
		}
	}
	if p.usesQuery {
		for pair := range strings.FieldsFuncSeq(request.Query, func(c rune) bool { return c == '&' }) {
			name, value, _ := strings.Cut(pair, "=")
			query[unescape(name, url.QueryUnescape)] = unescape(value, url.QueryUnescape)
		}
	}
	return []any{request.Status, captures, query, nil}
}

// unescape leaves alone what is not well-formed.
func unescape(text string, f func(string) (string, error)) string {
	if plain, err := f(text); err == nil {
		return plain
	}
	return text
}

// decode reads content that is not too long.
func (l limits) decode(content []byte) (any, error) {
	if len(content) > l.input {
		return nil, ErrTooLarge
	}
	return decode(content)
}

// appendEvent appends what the program makes of one event, and reports whether it makes something.
func (p *program) appendEvent(ctx context.Context, dst, content []byte, values []any) ([]byte, bool, error) {
	input, err := p.limits.decode(content)
	if err != nil {
		return dst, false, err
	}
	v, made, err := p.run(ctx, input, values)
	if err != nil || !made {
		return dst, false, err
	}
	dst, err = appendJSON(dst, v, p.limits.output)
	return dst, err == nil, err
}

// run returns the program's one value, if it makes one.
func (p *program) run(ctx context.Context, input any, values []any) (v any, made bool, err error) {
	code := p.code
	if p.perRun != nil {
		if code, err = p.perRun(); err != nil {
			return nil, false, ErrProgram
		}
	}
	m := newMeter(ctx, p.limits.timeout)
	defer func() {
		if recover() != nil { // a fault of the interpreter is not to end the process
			v, made, err = nil, false, ErrProgram
		}
	}()
	values[len(values)-1] = m
	iter := code.RunWithContext(m, input, values...)
	v, made, err = next(iter)
	if err == nil && made {
		var more bool
		if _, more, err = next(iter); more {
			err = ErrValues
		}
	}
	if m.err != nil {
		err = m.err
	}
	return v, made && err == nil, err
}

// next returns the program's next value.
func next(iter gojq.Iter) (v any, more bool, err error) {
	v, more = iter.Next()
	err, failed := v.(error)
	switch {
	case !failed:
		return v, more, nil
	case errors.Is(err, ErrMemory):
		return nil, false, ErrMemory
	case errors.Is(err, ErrTimeout):
		return nil, false, ErrTimeout
	}
	return nil, false, &detailed{ErrProgram, err}
}
