package http1

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// TestAnySplitGivesTheSameVerdict feeds each case in pieces: every cut in two of the shorter ones, one byte at a time, and many random cuts.
func TestAnySplitGivesTheSameVerdict(t *testing.T) {
	random := rand.New(rand.NewPCG(9112, 9110))
	for _, s := range corpus(t) {
		whole := judge(s, nil)
		for _, cuts := range splits(len(s.bytes), random) {
			if got := judge(s, cuts); !reflect.DeepEqual(got, whole) {
				t.Errorf("%s: cut at %v\n got  %+v\n want %+v", s.title(), cuts, got, whole)
				break
			}
		}
	}
}

// splits is a choice of places to cut size bytes at.
func splits(size int, random *rand.Rand) (all [][]int) {
	if size <= 512 {
		single := make([]int, 0, size)
		for i := range size {
			single = append(single, i)
			all = append(all, []int{i})
		}
		all = append(all, single)
	}
	for range 20 {
		var cuts []int
		for range 1 + random.IntN(6) {
			cuts = append(cuts, random.IntN(size+1))
		}
		slices.Sort(cuts)
		all = append(all, cuts)
	}
	return all
}

// TestALimitIsMetAtOnce: what exceeds a limit is refused with the first byte that does, and no earlier.
func TestALimitIsMetAtOnce(t *testing.T) {
	filler := func(prefix string, n int) []byte {
		b := append(make([]byte, 0, n), prefix...)
		for len(b) < n {
			b = append(b, 'a')
		}
		return b
	}
	for _, c := range []struct {
		name   string
		find   func([]byte, int) (int, error)
		prefix string
		most   int
		want   Error
	}{
		{"request line", FindRequestHead, "GET /", MaxRequestLine + 2, ErrRequestLineTooLong},
		{"status line", FindResponseHead, "HTTP/1.1 200 ", MaxRequestLine + 2, ErrStatusLineTooLong},
		{"head", FindRequestHead, "GET / HTTP/1.1\r\n", MaxHead, ErrHeadTooLarge},
		{"answer's head", FindResponseHead, "HTTP/1.1 200 OK\r\n", MaxHead, ErrHeadTooLarge},
		{"trailer section", FindTrailer, "", MaxTrailer, ErrTrailerTooLarge},
	} {
		if n, err := c.find(filler(c.prefix, c.most-1), 0); n != 0 || err != nil {
			t.Errorf("%s: %d, %v one byte before the limit, want 0 and no error", c.name, n, err)
		}
		if _, err := c.find(filler(c.prefix, c.most), c.most-1); !errors.Is(err, c.want) {
			t.Errorf("%s: %v at the limit, want %v", c.name, err, c.want)
		}
	}
}

// TestChunkedEndsForGood: after an error or the last chunk, no byte is judged any more.
func TestChunkedEndsForGood(t *testing.T) {
	var bad Chunked
	n, _, err := bad.Judge([]byte("5\r\nhelloX\r\n"))
	if n != 8 || !errors.Is(err, ErrChunkEnd) {
		t.Errorf("judged %d bytes, %v; want 8 and %v", n, err, ErrChunkEnd)
	}
	if n, _, err := bad.Judge([]byte("\r\n0\r\n")); n != 0 || !errors.Is(err, ErrChunkEnd) {
		t.Errorf("after an error judged %d bytes, %v; want 0 and the same error", n, err)
	}
	var good Chunked
	n, content, err := good.Judge([]byte("5\r\nhello\r\n0\r\nX-A: 1\r\n\r\n"))
	if n != 13 || content != 5 || err != nil || !good.Done() {
		t.Errorf("judged %d bytes with %d of content, %v; want 13 with 5", n, content, err)
	}
	if n, data, err := good.Next([]byte("X")); n != 0 || data != nil || err != nil {
		t.Errorf("after the last chunk judged %d bytes, %v; want none", n, err)
	}
}
