package mapping_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
	"github.com/ambassador-operator/ambassador-operator/proxy/mapping"
)

// compileStream compiles a stream's mapping of one rule.
func compileStream(t testing.TB, format config.StreamFormat, jq string) *mapping.Rule {
	t.Helper()
	m, err := mapping.Compile(&config.Response{Rules: []config.ResponseRule{{JQ: jq}}, Stream: format, MaxBytes: 1 << 10}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m.Rule(200)
}

// pass sends content through a stream in pieces of a size.
func pass(t testing.TB, rule *mapping.Rule, content string, size int) (string, error) {
	stream := rule.Stream(&mapping.Request{Status: 200})
	var out []byte
	var err error
	for rest := content; rest != "" && err == nil; {
		piece := rest[:min(size, len(rest))]
		rest = rest[len(piece):]
		out, err = stream.Append(t.Context(), out, []byte(piece))
	}
	if err == nil {
		out, err = stream.AppendEnd(t.Context(), out)
	}
	return string(out), err
}

func TestStream(t *testing.T) {
	long := strings.Repeat("x", 1<<10)
	for _, tt := range []struct {
		name   string
		format config.StreamFormat
		jq     string
		in     string
		out    string
		err    error
	}{
		{"lines", config.StreamLines, `.a`, "{\"a\":1}\n{\"a\":[2]}\r\n\n{\"a\":null}\n", "1\n[2]\n\nnull\n", nil},
		{"a line without an end", config.StreamLines, `.a`, "\xef\xbb\xbf{\"a\":1}\n{\"a\":2}", "1\n2\n", nil},
		{"lines left out", config.StreamLines, `select(. > 1)`, "1\n2\n1\n3\n", "2\n3\n", nil},
		{"a line that is no JSON", config.StreamLines, `.`, "1\nx\n2\n", "1\n", mapping.ErrInput},
		{"a line of two values", config.StreamLines, `., .`, "1\n", "", mapping.ErrValues},
		{"a line that ends early", config.StreamLines, `.`, "1\n{\"a\":", "1\n", mapping.ErrInput},
		{"a long line", config.StreamLines, `.`, "1\n\"" + long + "\"\n", "1\n", mapping.ErrTooLarge},
		{"events", config.StreamEvents, `.a`, "data: {\"a\":1}\n\ndata:{\"a\":2}\n\n", "data: 1\n\ndata: 2\n\n", nil},
		{"all line endings", config.StreamEvents, `.a`, "\xef\xbb\xbfdata: {\"a\":1}\r\rdata: {\"a\":2}\r\n\r\ndata: {\"a\":3}\n\n", "data: 1\n\ndata: 2\n\ndata: 3\n\n", nil},
		{"data in lines", config.StreamEvents, `.a`, "data: {\"a\":\ndata: 1}\n\n", "data: 1\n\n", nil},
		{"other fields", config.StreamEvents, `.a`, "event: tick\ndata: {\"a\":1}\nid: 7\nretry: 10\n\n", "event: tick\nid: 7\nretry: 10\ndata: 1\n\n", nil},
		{"comments", config.StreamEvents, `.a`, ": hi\n\ndata: {\"a\":1}\n:there\n\n:\n", ": hi\n\n:there\ndata: 1\n\n:\n", nil},
		{"an event without data", config.StreamEvents, `.a`, "id: 1\n\nretry: 5\n\n", "id: 1\n\nretry: 5\n\n", nil},
		{"the end of many services", config.StreamEvents, `.a`, "data: {\"a\":1}\n\ndata: [DONE]\n\n", "data: 1\n\ndata: [DONE]\n\n", nil},
		{"no data in data", config.StreamEvents, `.a`, "data\n\ndata:\n\n", "data: \n\ndata: \n\n", nil},
		{"events left out", config.StreamEvents, `select(. > 1)`, "data: 1\n\ndata: 2\n\nid: 3\ndata: 1\n\n", "data: 2\n\nid: 3\n\n", nil},
		{"an event that is no JSON", config.StreamEvents, `.`, "data: 1\n\ndata: hello\n\n", "data: 1\n\n", mapping.ErrInput},
		{"an event without an end", config.StreamEvents, `.`, "data: 1\n\ndata: [DONE]", "data: 1\n\ndata: [DONE]\n", nil},
		{"a long event", config.StreamEvents, `.`, "data: 1\n\ndata: " + long[:800] + "\ndata: " + long[:800] + "\n\n", "data: 1\n\n", mapping.ErrTooLarge},
		{"a long field", config.StreamEvents, `.`, "id: " + long + "\n\n", "", mapping.ErrTooLarge},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rule := compileStream(t, tt.format, tt.jq)
			for size := 1; size <= len(tt.in); size++ {
				out, err := pass(t, rule, tt.in, size)
				if out != tt.out || !errors.Is(err, tt.err) {
					t.Fatalf("in pieces of %d bytes: %q, %v; want %q, %v", size, out, err, tt.out, tt.err)
				}
			}
		})
	}
}

// Where a stream is cut into pieces makes no difference to what comes out, and nothing that comes out is new data.
func FuzzStream(f *testing.F) {
	f.Add([]byte("data: {\"a\":1}\r\n\r\n: c\rid: 1\ndata: [DONE]\n\n"), uint8(3), true)
	f.Add([]byte("{\"a\":1}\r\n\n[2]\nx"), uint8(1), false)
	f.Add([]byte("\xef\xbb\xbfdata\r\rdata:1\r\n\n"), uint8(2), true)
	events, lines := compileStream(f, config.StreamEvents, "[.]"), compileStream(f, config.StreamLines, "[.]")
	f.Fuzz(func(t *testing.T, content []byte, size uint8, isEvents bool) {
		rule := lines
		if isEvents {
			rule = events
		}
		whole, wholeErr := pass(t, rule, string(content), len(content)+1)
		parts, partsErr := pass(t, rule, string(content), 1+int(size))
		if whole != parts || mapping.Reason(wholeErr) != mapping.Reason(partsErr) {
			t.Errorf("%q, %v whole; %q, %v in pieces", whole, wholeErr, parts, partsErr)
		}
	})
}
