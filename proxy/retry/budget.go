package retry

import "sync/atomic"

const (
	// share is the part of the calls that are live, as a divisor, that may be retried at one time.
	share = 5
	// least is how many may be in any case.
	least = 3
)

// Budget bounds how many calls of one service are retried at one time, so that retries never multiply the load of a
// service that fails. It is safe for concurrent use; its zero value is ready.
//
// Both counts are in one word, so that no burst takes more than there is: it is compared and taken in one step.
type Budget struct{ word atomic.Uint64 }

const oneLive = 1 << 32 // the lower half counts retries

// Begin counts a call as live until Finish.
func (b *Budget) Begin() { b.word.Add(oneLive) }

// Finish takes a call out.
func (b *Budget) Finish() { b.word.Add(^uint64(oneLive - 1)) }

// Take takes a place for a call that is retried, until Return. It reports false where there is none.
func (b *Budget) Take() bool {
	for {
		word := b.word.Load()
		live, retried := word>>32, word&(oneLive-1)
		if retried >= max(least, live/share) {
			return false
		}
		if b.word.CompareAndSwap(word, word+1) {
			return true
		}
	}
}

// Return gives a place back.
func (b *Budget) Return() { b.word.Add(^uint64(0)) }

// Live returns how many calls are live, and how many of them are retried.
func (b *Budget) Live() (live, retried int) {
	word := b.word.Load()
	return int(word >> 32), int(word & (oneLive - 1))
}
