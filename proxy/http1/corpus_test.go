package http1

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// sample is one case of testdata/corpus; testdata/README.md tells the format.
type sample struct {
	kind  string // request, response, chunked or trailer
	asked string // the method that a response answers
	name  string
	rfc   string
	want  string // a meaning's description, or "error" and a code, or "incomplete"
	bytes []byte
	place string
}

// title names a sample; it is its own.
func (s sample) title() string { return s.kind + ": " + s.name }

// corpus reads all cases.
func corpus(t testing.TB) []sample {
	t.Helper()
	files, err := filepath.Glob("testdata/corpus/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []sample
	seen := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
			place := fmt.Sprintf("%s:%d", file, i+1)
			switch {
			case line == "" || strings.HasPrefix(line, "#"):
			case strings.HasPrefix(line, "== "):
				s, err := parseSample(line)
				if err != nil || seen[s.title()] {
					t.Fatalf("%s: %v, or a name that was used before", place, err)
				}
				s.place, seen[s.title()] = place, true
				all = append(all, s)
			default:
				b, err := unescape(line)
				if err != nil || len(all) == 0 {
					t.Fatalf("%s: %v, or bytes before the first case", place, err)
				}
				all[len(all)-1].bytes = append(all[len(all)-1].bytes, b...)
			}
		}
	}
	return all
}

func parseSample(line string) (sample, error) {
	parts := strings.SplitN(strings.TrimPrefix(line, "== "), " | ", 4)
	if len(parts) != 4 {
		return sample{}, fmt.Errorf("%q has not the form == kind | name | RFC section | verdict", line)
	}
	kind, asked, _ := strings.Cut(parts[0], " ")
	if kind == "response" && asked == "" {
		asked = "GET"
	}
	if !rfcPattern.MatchString(parts[2]) {
		return sample{}, fmt.Errorf("%q names no RFC section", line)
	}
	return sample{kind: kind, asked: asked, name: parts[1], rfc: parts[2], want: parts[3]}, nil
}

var (
	rfcPattern    = regexp.MustCompile(`^RFC \d{4} [\d.]+$`)
	repeatPattern = regexp.MustCompile(`\\(\d+)\{([^}]*)\}`)
)

// unescape reads a line of bytes: Go's escapes, and \3{ab} for ababab.
func unescape(line string) ([]byte, error) {
	line = repeatPattern.ReplaceAllStringFunc(line, func(match string) string {
		parts := repeatPattern.FindStringSubmatch(match)
		n, _ := strconv.Atoi(parts[1])
		return strings.Repeat(parts[2], n)
	})
	text, err := strconv.Unquote(`"` + strings.ReplaceAll(line, `"`, `\"`) + `"`)
	return []byte(text), err
}

func TestCorpusIsLarge(t *testing.T) {
	all := corpus(t)
	if len(all) < 400 {
		t.Errorf("%d cases, want at least 400", len(all))
	}
	codes := map[string]bool{}
	for _, s := range all {
		codes[strings.TrimPrefix(s.want, "error ")] = true
	}
	for e := ErrIncomplete + 1; e < errorCount; e++ {
		if !codes[e.Code()] {
			t.Errorf("no case with the verdict %q", e.Code())
		}
	}
}

func TestCorpus(t *testing.T) {
	for _, s := range corpus(t) {
		t.Run(s.title(), func(t *testing.T) {
			if got := judge(s, nil).String(); got != s.want {
				t.Errorf("%s (%s)\n got  %s\n want %s\n bytes %.300q", s.place, s.rfc, got, s.want, s.bytes)
			}
		})
	}
}
