package http1

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// The fuzz targets hold two things: any split gives the same verdict, and what is accepted, net/http reads with the same meaning.

func FuzzRequestHead(f *testing.F) {
	seed(f, "request", func(s sample) { f.Add(s.bytes) })
	f.Fuzz(func(t *testing.T, b []byte) {
		compare(t, sample{kind: "request", bytes: b})
	})
}

func FuzzResponseHead(f *testing.F) {
	seed(f, "response", func(s sample) { f.Add(s.bytes, s.asked == "HEAD") })
	f.Fuzz(func(t *testing.T, b []byte, head bool) {
		s := sample{kind: "response", asked: "GET", bytes: b}
		if head {
			s.asked = "HEAD"
		}
		compare(t, s)
	})
}

func FuzzChunked(f *testing.F) {
	seed(f, "chunked", func(s sample) { f.Add(s.bytes) })
	f.Fuzz(func(t *testing.T, b []byte) {
		compare(t, sample{kind: "chunked", bytes: b})
	})
}

// seed adds the cases of a kind, but for the very long ones, from which a fuzzer learns little.
func seed(f *testing.F, kind string, add func(sample)) {
	for _, s := range corpus(f) {
		if s.kind == kind && len(s.bytes) < 2048 {
			add(s)
		}
	}
}

func compare(t *testing.T, s sample) {
	ours := judge(s, nil)
	if ours.verdict == "error "+ErrIncomplete.Code() {
		t.Fatalf("a head that was found whole is parsed as incomplete: %q", s.bytes)
	}
	random := rand.New(rand.NewPCG(uint64(len(s.bytes)), 1))
	for range 4 {
		cut := random.IntN(len(s.bytes) + 1)
		if split := judge(s, []int{cut}); !reflect.DeepEqual(split, ours) {
			t.Fatalf("%q cut at %d\n split %+v\n whole %+v", s.bytes, cut, split, ours)
		}
	}
	if ours.verdict != "ok" {
		return
	}
	theirs := readByNetHTTP(withoutEmptyLines(s))
	if differs := difference(ours, theirs); differs != "" && !isListed(ours, theirs) {
		t.Fatalf("%q\n %s", s.bytes, differs)
	}
}

// withoutEmptyLines takes away what net/http does not skip.
func withoutEmptyLines(s sample) sample {
	if s.kind == "request" {
		s.bytes = bytes.TrimLeft(s.bytes, CRLF)
	}
	return s
}

// isListed knows the classes of testdata/differences.txt in which this package accepts more, or reads otherwise.
func isListed(ours, theirs meaning) bool {
	return ours.path == "*" && theirs.path == "/" || // OPTIONS for a URL without a path
		strings.Contains(theirs.verdict, "multiple Content-Length headers") || // 5 and 05
		strings.Contains(theirs.verdict, "invalid byte in chunk length") // whitespace before a semicolon
}
