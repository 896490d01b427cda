package upstream

import (
	"strconv"
	"sync"
	"time"

	"github.com/VictoriaMetrics/metrics"
)

// health is what calls have met at one endpoint. Its zero value is well.
type health struct {
	answered, failed *metrics.Counter // nil where the endpoint is alone

	mutex    sync.Mutex // guards what follows
	inARow   int        // calls that failed
	since    time.Time  // since when it is failing; the zero time: it is not
	next     time.Time  // when a call may try it again
	isTested bool       // a call is trying it
}

func (h *health) count(set *metrics.Set, name string, place int) {
	if set == nil {
		set = metrics.NewSet()
	}
	counter := func(result string) *metrics.Counter {
		return set.GetOrCreateCounter(`ambassador_endpoint_calls_total{ambassador="` + name + `",endpoint="` + strconv.Itoa(place) + `",result="` + result + `"}`)
	}
	h.answered, h.failed = counter("answered"), counter("failed")
}

func (h *health) isWell() bool {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.since.IsZero()
}

// test reports whether the caller is the one that may try a failing endpoint now. Whoever is calls heard or release.
func (h *health) test() bool {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.isTested || time.Now().Before(h.next) {
		return false
	}
	h.isTested = true
	return true
}

// release leaves the test to the next call.
func (h *health) release() {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.isTested = false
}

// heard takes in how a call went. most is how many failures in a row make it failing, after how long it is tried again.
func (h *health) heard(isAnswered, isTest bool, most int, after time.Duration) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if isTest {
		h.isTested = false
	}
	if isAnswered {
		h.answered.Inc()
		h.inARow, h.since = 0, time.Time{}
		return
	}
	h.failed.Inc()
	h.inARow++
	now := time.Now()
	switch {
	case h.since.IsZero() && h.inARow >= most:
		h.since, h.next = now, now.Add(after)
	case isTest:
		h.next = now.Add(after)
	}
}

// recover makes it well, because a probe found it so.
func (h *health) recover() {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.inARow, h.since = 0, time.Time{}
}

func (h *health) look() (since time.Time, inARow int) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.since, h.inARow
}
