// Package hist keeps latencies in a fixed number of buckets whose width grows with the value, so that recording costs a
// few nanoseconds, memory does not depend on the number of samples and every percentile is right to within 1.6 %.
package hist

import (
	"math/bits"
	"time"
)

const (
	subBits = 6 // 64 buckets for each power of two: a bucket is at most 1/64 of its value wide
	sub     = 1 << subBits
	buckets = (64 - subBits) * sub
)

// Histogram counts durations. Its zero value is empty. It is not safe for concurrent use.
type Histogram struct {
	counts [buckets]uint64
	total  uint64
}

// Record counts d; a negative d counts as zero.
func (h *Histogram) Record(d time.Duration) {
	h.counts[index(uint64(max(d, 0)))]++
	h.total++
}

// Count is the number of durations recorded.
func (h *Histogram) Count() uint64 { return h.total }

// Reset forgets all that was recorded.
func (h *Histogram) Reset() { *h = Histogram{} }

// Quantile returns the duration that a share q of the recorded ones (0 to 1) does not exceed, rounded up to its bucket's
// end; zero when nothing was recorded.
func (h *Histogram) Quantile(q float64) time.Duration {
	rank, seen := max(1, uint64(q*float64(h.total)+0.5)), uint64(0)
	for i, n := range h.counts {
		if seen += n; seen >= rank {
			return time.Duration(end(i))
		}
	}
	return 0
}

// index is the bucket of v: v itself below sub, then 64 buckets for each further power of two.
func index(v uint64) int {
	shift := max(0, bits.Len64(v)-subBits-1)
	return shift<<subBits + int(v>>shift)
}

// end is the largest value of bucket i.
func end(i int) uint64 {
	if i < 2*sub {
		return uint64(i)
	}
	shift := i>>subBits - 1
	return uint64(i-shift<<subBits+1)<<shift - 1
}
