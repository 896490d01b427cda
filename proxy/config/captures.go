package config

import "strings"

// SplitCaptures cuts text where it inserts a capture such as "{id}": literals and names take turns, so that there is one
// literal more than names, and each may be empty. A brace that does not belong to a capture's name is a literal as any
// other character. Values of [Query] are read with it.
func SplitCaptures(text string) (literals, names []string) {
	start := 0
	for i := 0; i < len(text); i++ {
		if text[i] != '{' {
			continue
		}
		n := strings.IndexByte(text[i:], '}')
		if n < 0 {
			break
		}
		if word := text[i : i+n+1]; isCapture(word) {
			literals, names = append(literals, text[start:i]), append(names, word[1:n])
			i += n
			start = i + 1
		}
	}
	return append(literals, text[start:]), names
}

// capturesOf lists the names in braces in the order of the path.
func capturesOf(path string) []string {
	var names []string
	for segment := range strings.SplitSeq(path, "/") {
		if isCapture(segment) {
			names = append(names, segment[1:len(segment)-1])
		}
	}
	return names
}
