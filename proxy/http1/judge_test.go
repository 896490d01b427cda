package http1

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// meaning is what a message says, in a form that two judges can be compared by.
type meaning struct {
	kind    string
	verdict string // ok, incomplete, or "error" and a code

	method, path, query, host string
	hasQuery                  bool
	status                    int
	reason                    string

	minor     int
	framing   Framing
	length    int64
	close     bool
	expects   bool
	upgrade   string
	teTrailer bool
	fields    []string // those that are forwarded
	content   string
	trailer   []string // those that are forwarded
	rest      string   // what follows the message

	allFields  []string // also those that are dropped
	allTrailer []string
}

// String describes a meaning. What is as usual (HTTP/1.1, no body, no fields) is left out.
func (m meaning) String() string {
	if m.verdict != "ok" {
		return m.verdict
	}
	words := []string{"ok"}
	say := func(when bool, format string, args ...any) {
		if when {
			words = append(words, fmt.Sprintf(format, args...))
		}
	}
	say(m.kind == "request", "%s %s", m.method, short(m.path))
	say(m.hasQuery, "query=%s", short(m.query))
	say(m.host != "", "host=%s", short(m.host))
	say(m.kind == "response", "%d", m.status)
	say(m.reason != "" && m.reason != "OK", "reason=%s", short(m.reason))
	say(m.minor == 0 && m.kind != "chunked" && m.kind != "trailer", "1.0")
	say(m.length >= 0 && m.kind != "chunked" && m.kind != "trailer", "length=%d", m.length)
	say(m.framing == ChunkedBody, "chunked")
	say(m.framing == UntilClose, "until-close")
	say(m.framing == NoBody && m.kind == "response", "no-body")
	say(m.close, "close")
	say(m.expects, "expect-continue")
	say(m.upgrade != "", "upgrade=%s", m.upgrade)
	say(m.teTrailer, "te-trailers")
	say(m.content != "", "content=%s", short(m.content))
	say(len(m.fields) > 0, "fields=%s", short(strings.Join(m.fields, "|")))
	say(len(m.trailer) > 0, "trailer=%s", short(strings.Join(m.trailer, "|")))
	say(m.rest != "", "rest=%s", short(m.rest))
	return strings.Join(words, " ")
}

func short(s string) string {
	if len(s) > 100 {
		return fmt.Sprintf("<%d bytes>", len(s))
	}
	quoted := fmt.Sprintf("%q", s)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

// errEnd: the bytes ended before the message did.
var errEnd = errors.New("end of input")

// stream hands out bytes up to one cut after the other.
type stream struct {
	bytes []byte
	cuts  []int
	have  int
}

// more lets the next piece come; false at the end.
func (s *stream) more() bool {
	if s.have == len(s.bytes) {
		return false
	}
	s.have = len(s.bytes)
	if len(s.cuts) > 0 {
		s.have, s.cuts = s.cuts[0], s.cuts[1:]
	}
	return true
}

func (s *stream) rest() string { return string(s.bytes) }

// find calls a Find function until it knows, and takes what it has found.
func (s *stream) find(find func([]byte, int) (int, error)) ([]byte, error) {
	for scanned := 0; ; {
		n, err := find(s.bytes[:s.have], scanned)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			return s.take(n), nil
		}
		scanned = s.have
		if !s.more() {
			return nil, errEnd
		}
	}
}

func (s *stream) take(n int) []byte {
	taken := s.bytes[:n:n]
	s.bytes = s.bytes[n:]
	s.have -= n
	for i := range s.cuts {
		s.cuts[i] -= n
	}
	return taken
}

// judge is this package's reading of a case whose bytes come in pieces that end at the cuts; no cuts for all at once.
func judge(c sample, cuts []int) meaning {
	s := &stream{bytes: c.bytes, cuts: slices.Clone(cuts)}
	m := meaning{kind: c.kind, verdict: "ok", length: -1}
	var err error
	switch c.kind {
	case "request":
		err = judgeRequest(s, &m)
	case "response":
		err = judgeResponse(s, &m, c.asked)
	case "chunked":
		err = judgeChunked(s, &m)
	case "trailer":
		err = judgeTrailer(s, &m)
	}
	m.rest = s.rest()
	switch verdict, ok := errors.AsType[Error](err); {
	case ok:
		m.verdict = "error " + verdict.Code()
	case err != nil:
		m.verdict = "incomplete"
	}
	return m
}

func judgeRequest(s *stream, m *meaning) error {
	head, err := s.find(FindRequestHead)
	if err != nil {
		return err
	}
	var r Request
	if err := r.Parse(head); err != nil {
		return err
	}
	m.method, m.path, m.query, m.hasQuery = string(r.Method), string(r.Path), string(r.Query), r.HasQuery
	m.host, m.minor, m.framing, m.length = string(r.Host), int(r.Minor), r.Framing, r.Length
	m.close, m.expects, m.upgrade, m.teTrailer = r.Close, r.ExpectContinue, string(r.Upgrade), r.TETrailers
	m.fields, m.allFields = fieldLines(r.Fields)
	return judgeBody(s, m)
}

func judgeResponse(s *stream, m *meaning, method string) error {
	head, err := s.find(FindResponseHead)
	if err != nil {
		return err
	}
	var r Response
	if err := r.Parse(head, []byte(method)); err != nil {
		return err
	}
	m.status, m.reason, m.minor, m.framing, m.length = r.Status, string(r.Reason), int(r.Minor), r.Framing, r.Length
	m.close, m.upgrade = r.Close, string(r.Upgrade)
	m.fields, m.allFields = fieldLines(r.Fields)
	return judgeBody(s, m)
}

func judgeBody(s *stream, m *meaning) error {
	switch m.framing {
	case Length:
		for int64(s.have) < m.length {
			if !s.more() {
				return errEnd
			}
		}
		m.content = string(s.take(int(m.length)))
	case ChunkedBody:
		return judgeChunked(s, m)
	case UntilClose:
		for s.more() {
		}
		m.content = string(s.take(s.have))
	}
	return nil
}

func judgeChunked(s *stream, m *meaning) error {
	var c Chunked
	var content []byte
	for !c.Done() {
		n, data, err := c.Next(s.bytes[:s.have])
		content = append(content, data...)
		s.take(n)
		if err != nil {
			return err
		}
		if n == 0 && !c.Done() && !s.more() {
			return errEnd
		}
	}
	m.content = string(content)
	return judgeTrailer(s, m)
}

func judgeTrailer(s *stream, m *meaning) error {
	block, err := s.find(FindTrailer)
	if err != nil {
		return err
	}
	fields, err := ParseTrailer(block, nil)
	m.trailer, m.allTrailer = fieldLines(fields)
	return err
}

func fieldLines(fields []Field) (forwarded, all []string) {
	for _, f := range fields {
		line := string(f.Name) + ": " + string(f.Value)
		all = append(all, line)
		if !f.Drop {
			forwarded = append(forwarded, line)
		}
	}
	return forwarded, all
}
