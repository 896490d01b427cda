package config

import (
	"fmt"
	"strconv"
	"strings"
)

// The statuses that exist (RFC 9110, section 15).
const (
	lowestStatus  = 100
	highestStatus = 599
)

// Statuses is a set of status codes. The zero value is empty.
type Statuses struct {
	words [(highestStatus-lowestStatus)/64 + 1]uint64
}

// ParseStatuses reads patterns such as "404", "4xx" and "200-204", whose statuses lie between 100 and 599. No pattern at
// all means "2xx", as in [Probe] and [ResponseRule]. The error names the pattern and what to write.
func ParseStatuses(patterns []string) (Statuses, error) {
	var set Statuses
	if len(patterns) == 0 {
		patterns = []string{"2xx"}
	}
	for _, pattern := range patterns {
		first, last, ok := parseStatusPattern(pattern)
		if !ok {
			return Statuses{}, fmt.Errorf("%q is not a status of %d to %d; write one such as 404, 4xx or 200-204", pattern, lowestStatus, highestStatus)
		}
		for status := first; status <= last; status++ {
			at := status - lowestStatus
			set.words[at/64] |= 1 << (at % 64)
		}
	}
	return set, nil
}

// Matches reports whether status is in the set; one that does not exist never is.
func (s *Statuses) Matches(status int) bool {
	at := status - lowestStatus
	return at >= 0 && status <= highestStatus && s.words[at/64]&(1<<(at%64)) != 0
}

// parseStatusPattern returns the bounds of a pattern, both of which it includes.
func parseStatusPattern(pattern string) (first, last int, ok bool) {
	if class, found := strings.CutSuffix(pattern, "xx"); found {
		if len(class) != 1 || class[0] < '1' || class[0] > '5' {
			return 0, 0, false
		}
		first = int(class[0]-'0') * 100
		return first, first + 99, true
	}
	low, high, isRange := strings.Cut(pattern, "-")
	if !isRange {
		high = low
	}
	first, lowOK := parseStatus(low)
	last, highOK := parseStatus(high)
	return first, last, lowOK && highOK && first <= last
}

// parseStatus reads three digits.
func parseStatus(text string) (int, bool) {
	if len(text) != 3 || !isDigit(text[0]) || !isDigit(text[1]) || !isDigit(text[2]) {
		return 0, false
	}
	status, err := strconv.Atoi(text)
	return status, err == nil && status >= lowestStatus && status <= highestStatus
}
