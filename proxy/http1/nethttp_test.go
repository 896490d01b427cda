package http1

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
)

// readByNetHTTP is net/http's reading of a case.
func readByNetHTTP(c sample) meaning {
	m := meaning{kind: c.kind, verdict: "ok", length: -1}
	input := c.bytes
	switch c.kind {
	case "chunked":
		input = slices.Concat([]byte(chunkedHead), c.bytes)
	case "trailer":
		input = slices.Concat([]byte(chunkedHead+LastChunk), c.bytes)
	}
	r := bufio.NewReaderSize(bytes.NewReader(input), len(input)+4096)
	var err error
	if c.kind == "request" {
		err = readRequest(r, &m)
	} else {
		err = readResponse(r, &m, c.asked)
	}
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		m.verdict = "incomplete"
	case err != nil:
		m.verdict = "error " + err.Error()
	}
	rest, _ := io.ReadAll(r)
	m.rest = string(rest)
	return m
}

const chunkedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

func readRequest(r *bufio.Reader, m *meaning) error {
	q, err := http.ReadRequest(r)
	if err != nil {
		return err
	}
	m.method, m.path, m.query, m.host = q.Method, q.URL.Path, q.URL.RawQuery, q.Host
	m.minor = 10*(q.ProtoMajor-1) + q.ProtoMinor
	if m.path == "" {
		m.path = "/" // an absolute-form target without a path
	}
	m.hasQuery = q.URL.ForceQuery || q.URL.RawQuery != ""
	m.close = q.Close
	return readBody(m, q.Body, q.Header, &q.Trailer, q.TransferEncoding, q.ContentLength)
}

func readResponse(r *bufio.Reader, m *meaning, method string) error {
	a, err := http.ReadResponse(r, &http.Request{Method: method})
	if err != nil {
		return err
	}
	defer func() { _ = a.Body.Close() }()
	if m.kind == "response" { // and not the head around chunks
		m.status, m.minor, m.close = a.StatusCode, 10*(a.ProtoMajor-1)+a.ProtoMinor, a.Close
		m.reason = strings.TrimPrefix(strings.TrimPrefix(a.Status, fmt.Sprintf("%03d", a.StatusCode)), " ")
	}
	return readBody(m, a.Body, a.Header, &a.Trailer, a.TransferEncoding, a.ContentLength)
}

func readBody(m *meaning, body io.Reader, header http.Header, trailer *http.Header, codings []string, length int64) error {
	m.allFields = headerLines(header)
	content, err := io.ReadAll(body)
	m.content = string(content)
	m.allTrailer = headerLines(*trailer)
	switch {
	case slices.Equal(codings, []string{"chunked"}):
		m.framing = ChunkedBody
	case length > 0 || header.Get("Content-Length") != "":
		m.framing, m.length = Length, length
	}
	return err
}

func headerLines(header http.Header) (lines []string) {
	for name, values := range header {
		for _, value := range values {
			lines = append(lines, name+": "+value)
		}
	}
	return lines
}

// difference tells in which way two readings of the same bytes differ; "" for not at all.
func difference(ours, theirs meaning) string {
	if outcome(ours) != outcome(theirs) {
		return fmt.Sprintf("here %s, net/http %s", ours.verdict, theirs.verdict)
	}
	if ours.verdict != "ok" {
		return ""
	}
	for _, c := range []struct{ what, ours, theirs string }{
		{"method", ours.method, theirs.method},
		{"path", unescapedPath(ours.path), theirs.path},
		{"query", fmt.Sprint(ours.hasQuery, ours.query), fmt.Sprint(theirs.hasQuery, theirs.query)},
		{"host", ours.host, theirs.host},
		{"status", fmt.Sprint(ours.status), fmt.Sprint(theirs.status)},
		{"reason", strings.TrimLeft(ours.reason, " "), strings.TrimLeft(theirs.reason, " ")},
		{"version", fmt.Sprint(ours.minor), fmt.Sprint(theirs.minor)},
		{"close", fmt.Sprint(ours.close), fmt.Sprint(theirs.close)},
		{"content", ours.content, theirs.content},
		{"fields", comparableFields(ours.allFields), comparableFields(theirs.allFields)},
		{"trailer", comparableFields(ours.allTrailer), comparableFields(theirs.allTrailer)},
		{"rest", ours.rest, theirs.rest},
	} {
		if c.ours != c.theirs {
			return fmt.Sprintf("%s: here %.80q, net/http %.80q", c.what, c.ours, c.theirs)
		}
	}
	return ""
}

func outcome(m meaning) string {
	verdict, _, _ := strings.Cut(m.verdict, " ")
	return verdict
}

// unescapedPath is a path as net/http's URL has it.
func unescapedPath(path string) string {
	if u, err := url.PathUnescape(path); err == nil {
		return u
	}
	return path
}

// comparableFields sorts fields, names in lower case, without those that net/http keeps elsewhere.
func comparableFields(lines []string) string {
	var kept []string
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		switch name = strings.ToLower(name); name {
		case "connection", "host", "content-length", "transfer-encoding", "trailer":
		default:
			kept = append(kept, name+": "+value)
		}
	}
	slices.Sort(kept)
	return strings.Join(kept, "\n")
}

// listedDifferences reads testdata/differences.txt: the reason for each case that it lists.
func listedDifferences(t testing.TB) map[string]string {
	t.Helper()
	text, err := os.ReadFile("testdata/differences.txt")
	if err != nil {
		t.Fatal(err)
	}
	listed, reason := map[string]string{}, ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "== "):
			reason = line[3:]
		case reason == "" || listed[line] != "":
			t.Fatalf("differences.txt: %q has no reason, or two", line)
		default:
			listed[line] = reason
		}
	}
	return listed
}

func TestEveryDifferenceFromNetHTTPIsListed(t *testing.T) {
	listed := listedDifferences(t)
	for _, s := range corpus(t) {
		differs := difference(judge(s, nil), readByNetHTTP(s))
		switch reason := listed[s.title()]; {
		case differs != "" && reason == "":
			t.Errorf("%s: %s\n  differs and is not listed: %s", s.place, s.title(), differs)
		case differs == "" && reason != "":
			t.Errorf("%s: %s\n  is listed, and does not differ", s.place, s.title())
		}
		delete(listed, s.title())
	}
	for title := range listed {
		t.Errorf("differences.txt lists %q, which is no case", title)
	}
}
