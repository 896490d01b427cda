package cache

import (
	"net/http"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/http1"
)

// dateOf reads the date of a field that may stand once (RFC 9110 section 5.6.7). given tells that it stands at all; the
// date is the zero time where it can not be read, or there are several.
func dateOf(fields []http1.Field, lowerName string) (date time.Time, given bool) {
	value, n := http1.Lookup(fields, lowerName)
	if n != 1 {
		return time.Time{}, n > 0
	}
	date, _ = parseDate(value)
	return date, true
}

// parseDate reads a date in any of the three formats.
func parseDate(value []byte) (date time.Time, ok bool) {
	date, err := http.ParseTime(string(value))
	return date, err == nil
}
