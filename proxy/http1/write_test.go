package http1

import (
	"errors"
	"strings"
	"testing"
)

func TestWhatIsWritten(t *testing.T) {
	var r Request
	head := "GET /a?b HTTP/1.1\r\nHost:a\r\nX-A:1 \r\nConnection: X-B\r\nX-B: 2\r\nx-c:\r\nExpect: 100-continue\r\n\r\n"
	if err := r.Parse([]byte(head)); err != nil {
		t.Fatal(err)
	}
	for i := range r.Fields {
		if r.Fields[i].Is("x-c") {
			r.Fields[i].Value = []byte("edited")
		}
	}
	out := AppendRequestLine(nil, r.Method, []byte("/3/a?b"))
	out = AppendFields(out, r.Fields)
	out = AppendField(out, "Host", []byte("example.com"))
	out = AppendContentLength(out, 0)
	out = append(out, CRLF...)
	want := "GET /3/a?b HTTP/1.1\r\nX-A: 1\r\nx-c: edited\r\nHost: example.com\r\nContent-Length: 0\r\n\r\n"
	if string(out) != want {
		t.Errorf("got  %q\nwant %q", out, want)
	}
}

func TestStatusLinesAndChunksAreWritten(t *testing.T) {
	out := AppendStatusLine(nil, 404, []byte("Not Found"))
	out = AppendStatusLine(out, 200, nil)
	out = append(AppendChunkHeader(out, 255), ChunkEnd+LastChunk+EndOfChunks...)
	if want := "HTTP/1.1 404 Not Found\r\nHTTP/1.1 200 \r\nff\r\n\r\n0\r\n0\r\n\r\n"; string(out) != want {
		t.Errorf("got  %q\nwant %q", out, want)
	}
}

func TestLookupFindsAnySpelling(t *testing.T) {
	fields, err := ParseTrailer([]byte("A: 1\r\nX-Sum: 2\r\nx-SUM: 3\r\nContent-Length: 4\r\n\r\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct {
		value string
		n     int
	}{"x-sum": {"2", 2}, "a": {"1", 1}, "content-length": {"4", 1}, "b": {"", 0}} {
		if value, n := Lookup(fields, name); string(value) != want.value || n != want.n {
			t.Errorf("%s: %q, %d; want %q, %d", name, value, n, want.value, want.n)
		}
	}
}

// TestErrorsAreToldApart: each error has a text, a code of its own, a section and a status that a client can get.
func TestErrorsAreToldApart(t *testing.T) {
	codes := map[string]Error{}
	for e := ErrIncomplete; e < errorCount; e++ {
		if before, ok := codes[e.Code()]; ok || e.Code() == "" {
			t.Errorf("%d: code %q is that of %d", e, e.Code(), before)
		}
		codes[e.Code()] = e
		if e.Error() == "" || !strings.HasPrefix(e.Section(), "RFC ") {
			t.Errorf("%s: text %q, section %q", e.Code(), e.Error(), e.Section())
		}
		switch e.Status() {
		case 400, 414, 417, 431, 501, 502, 505:
		default:
			t.Errorf("%s: status %d", e.Code(), e.Status())
		}
	}
	if !errors.Is(error(ErrBareLF), ErrBareLF) || errors.Is(error(ErrBareLF), ErrBareCR) {
		t.Error("errors.Is does not tell errors apart")
	}
}

// TestParseWithoutFind: Parse says what is missing where it is given less, or more, than one head.
func TestParseWithoutFind(t *testing.T) {
	const whole = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
	for n := 1; n < len(whole); n++ {
		var r Request
		if err := r.Parse([]byte(whole[:n])); err == nil {
			t.Errorf("%q was taken for a head", whole[:n])
		}
	}
	var r Request
	if err := r.Parse([]byte(whole + "x")); !errors.Is(err, ErrIncomplete) {
		t.Errorf("a head with a byte after it: %v, want %v", err, ErrIncomplete)
	}
	const answer = "HTTP/1.1 200 OK\r\nX-A: 1\r\n\r\n"
	for n := range len(answer) {
		var r Response
		if err := r.Parse([]byte(answer[:n]), []byte("GET")); err == nil {
			t.Errorf("%q was taken for a head", answer[:n])
		}
	}
}
