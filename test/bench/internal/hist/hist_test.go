package hist

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestQuantilesAreRightToWithinABucket(t *testing.T) {
	var h Histogram
	random := rand.New(rand.NewPCG(1, 2))
	all := make([]time.Duration, 100_000)
	for i := range all {
		all[i] = time.Duration(random.ExpFloat64() * float64(300*time.Microsecond))
		h.Record(all[i])
	}
	slices.Sort(all)
	for _, q := range []float64{0.001, 0.5, 0.9, 0.99, 0.999, 1} {
		want := all[max(0, int(q*float64(len(all))+0.5)-1)]
		got := h.Quantile(q)
		if got < want || float64(got-want) > float64(want)/sub+1 {
			t.Errorf("quantile %v: got %v, the sorted values say %v", q, got, want)
		}
	}
}

func TestEveryBucketHoldsItsOwnEnd(t *testing.T) {
	for i := range buckets {
		if v := end(i); index(v) != i {
			t.Fatalf("bucket %d ends at %d, which falls into bucket %d", i, v, index(v))
		}
	}
}

func TestAnEmptyHistogramAnswersZero(t *testing.T) {
	if got := new(Histogram).Quantile(0.99); got != 0 {
		t.Errorf("got %v", got)
	}
}
