package retry

import (
	"bytes"
	"math"
	"net/http"
	"time"
)

// After reads the value of a Retry-After field (RFC 9110 section 10.2.3): seconds, or a date, which is in the past at the
// earliest now. ok is false for anything else. A number that no duration holds is the longest one.
func After(value []byte, now time.Time) (after time.Duration, ok bool) {
	value = bytes.TrimSpace(value)
	if len(value) == 0 {
		return 0, false
	}
	if seconds, ok := delta(value); ok {
		return seconds, true
	}
	date, err := http.ParseTime(string(value))
	if err != nil {
		return 0, false
	}
	return max(date.Sub(now), 0), true
}

// delta reads delay-seconds, digits alone.
func delta(value []byte) (after time.Duration, ok bool) {
	const most = math.MaxInt64 / int64(time.Second)
	var seconds int64
	for _, c := range value {
		if c < '0' || c > '9' {
			return 0, false
		}
		if seconds = seconds*10 + int64(c-'0'); seconds > most {
			seconds = most
		}
	}
	return time.Duration(seconds) * time.Second, true
}
