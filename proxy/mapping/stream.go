package mapping

import (
	"bytes"
	"context"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// Stream maps the events of one answer, each by itself, from bytes that come in pieces of any size. What comes out does
// not depend on where they were cut. It is used by one goroutine.
//
// An event that is not JSON ends the stream with [ErrInput], but for what services put into streams that is none: data that
// is "[DONE]" or nothing, and blank lines, go on as they are. A program that makes no value of an event leaves its
// data out, and the whole event where there are no other fields.
//
// Of server-sent events (WHATWG HTML section 9.2) the data's lines are joined and what the program makes of them becomes
// one data line. Comments go on at once; all other fields in their order, before the data. Lines may end with LF, CR or
// both, and go on with LF. Where the answer ends within an event, what there is of it goes on without its blank line, for
// the client to judge.
type Stream struct {
	rule   *Rule
	values []any

	began   bool   // a line was seen
	afterCR bool   // a LF that comes next belongs to the line before
	line    []byte // what has come of a line
	fields  []byte // of an event, but for its data
	data    []byte // of an event, a LF after each line
	hasData bool
	leftOut bool // the program made nothing of the last event
}

// done is what many services send in place of JSON at the end.
const done = "[DONE]"

// Stream begins a stream. The rule has a program, and the mapping a stream format.
func (r *Rule) Stream(request *Request) *Stream {
	return &Stream{rule: r, values: r.program.values(request)}
}

// Append takes the next piece of the content, and appends to dst what comes out by it. An error wraps one of this
// package's, or is the context's; dst then has what came out before, and the stream is over.
func (s *Stream) Append(ctx context.Context, dst, piece []byte) ([]byte, error) {
	for len(piece) > 0 {
		isSecond := s.afterCR && piece[0] == '\n'
		s.afterCR = false
		if isSecond {
			piece = piece[1:]
			continue
		}
		end := bytes.IndexAny(piece, s.terminators())
		if end < 0 {
			return dst, s.keep(piece)
		}
		if err := s.keep(piece[:end]); err != nil {
			return dst, err
		}
		s.afterCR = piece[end] == '\r'
		piece = piece[end+1:]
		var err error
		if dst, err = s.endLine(ctx, dst); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// AppendEnd takes note that the content is whole, and appends what is left.
func (s *Stream) AppendEnd(ctx context.Context, dst []byte) ([]byte, error) {
	if len(s.line) > 0 {
		var err error
		if dst, err = s.endLine(ctx, dst); err != nil {
			return dst, err
		}
	}
	return s.appendEvent(ctx, dst)
}

func (s *Stream) terminators() string {
	if s.rule.stream == config.StreamLines {
		return "\n" // a CR before it is white space to JSON
	}
	return "\r\n"
}

// keep adds to the line that is coming.
func (s *Stream) keep(part []byte) error {
	if len(s.line)+len(part)+len(s.fields)+len(s.data) > s.rule.limits.input {
		return s.rule.fail(ErrTooLarge)
	}
	s.line = append(s.line, part...)
	return nil
}

func (s *Stream) endLine(ctx context.Context, dst []byte) ([]byte, error) {
	line := s.line
	s.line = s.line[:0]
	if !s.began {
		s.began = true
		line = bytes.TrimPrefix(line, byteOrderMark)
	}
	if s.rule.stream == config.StreamLines {
		return s.appendLine(ctx, dst, line)
	}
	if len(line) == 0 {
		before := len(dst)
		dst, err := s.appendEvent(ctx, dst)
		if err != nil || len(dst) == before && s.leftOut {
			return dst, err
		}
		return append(dst, '\n'), nil
	}
	name, value, _ := bytes.Cut(line, []byte(":"))
	switch string(name) {
	case "":
		return append(append(dst, line...), '\n'), nil
	case "data":
		s.hasData = true
		s.data = append(append(s.data, bytes.TrimPrefix(value, []byte(" "))...), '\n')
	default:
		s.fields = append(append(s.fields, line...), '\n')
	}
	return dst, nil
}

// appendLine appends what becomes of a line of JSON.
func (s *Stream) appendLine(ctx context.Context, dst, line []byte) ([]byte, error) {
	if len(bytes.TrimSpace(line)) == 0 {
		return append(dst, '\n'), nil
	}
	dst, made, err := s.rule.program.appendEvent(ctx, dst, line, s.values)
	if err != nil {
		return dst, s.rule.fail(err)
	}
	if made {
		dst = append(dst, '\n')
	}
	return dst, nil
}

// appendEvent appends what becomes of an event's fields, without a blank line, and begins another.
func (s *Stream) appendEvent(ctx context.Context, dst []byte) ([]byte, error) {
	before, start := dst, len(dst)
	dst = append(dst, s.fields...)
	s.leftOut = false
	if s.hasData {
		data := s.data[:len(s.data)-1]
		var err error
		made := true
		dst = append(dst, "data: "...)
		if len(data) == 0 || string(data) == done {
			dst = append(dst, data...)
		} else if dst, made, err = s.rule.program.appendEvent(ctx, dst, data, s.values); err != nil {
			return before, s.rule.fail(err)
		}
		if made {
			dst = append(dst, '\n')
		} else {
			dst = dst[:start+len(s.fields)]
			s.leftOut = true
		}
	}
	s.fields, s.data, s.hasData = s.fields[:0], s.data[:0], false
	return dst, nil
}
