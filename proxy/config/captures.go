package config

import "strings"

// CapturesOf lists the names that a route's path captures, in its order.
func CapturesOf(path string) []string {
	var names []string
	for segment := range strings.SplitSeq(path, "/") {
		if isCapture(segment) {
			names = append(names, segment[1:len(segment)-1])
		}
	}
	return names
}

// insertedBy lists the captures that a query's value inserts, in its order. A brace that does not belong to a capture's name
// is a character as any other.
func insertedBy(value string) []string {
	var names []string
	for i := 0; i < len(value); i++ {
		n := strings.IndexByte(value[i:], '}')
		if n < 0 {
			break
		}
		if word := value[i : i+n+1]; isCapture(word) {
			names = append(names, word[1:n])
			i += n
		}
	}
	return names
}
