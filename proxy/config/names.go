package config

import "strings"

// The checks of names are plain loops: compiled expressions would cost the sidecar more time and memory at its start than
// all else together.

// isLabel accepts a DNS-1123 label.
func isLabel(s string) bool {
	return len(s) <= 63 && !strings.Contains(s, ".") && isSubdomain(s)
}

// isSubdomain accepts what names a Secret: lower-case letters, digits, '-' and '.', a letter or digit at both ends.
func isSubdomain(s string) bool {
	return isWord(s, 253, func(c byte) bool { return isLower(c) || isDigit(c) || c == '-' || c == '.' }) && isOuter(s)
}

// isHostName accepts a host name, a dot at its end included.
func isHostName(s string) bool {
	s = strings.TrimSuffix(s, ".")
	return isWord(s, 253, func(c byte) bool { return isLetter(c) || isDigit(c) || c == '-' || c == '.' }) && isOuter(s) && !strings.Contains(s, "..")
}

// isOuter reports whether s begins and ends with a letter or digit.
func isOuter(s string) bool {
	first, last := s[0], s[len(s)-1]
	return (isLetter(first) || isDigit(first)) && (isLetter(last) || isDigit(last))
}

// isKey accepts a key of a Secret or ConfigMap.
func isKey(s string) bool {
	ok := isWord(s, 253, func(c byte) bool { return isLetter(c) || isDigit(c) || strings.IndexByte("-._", c) >= 0 })
	return ok && s != "." && !strings.HasPrefix(s, "..")
}

// isToken accepts a header name (RFC 9110, section 5.6.2).
func isToken(s string) bool {
	return isWord(s, 256, func(c byte) bool { return isLetter(c) || isDigit(c) || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0 })
}

// isParameter accepts the name of a query parameter.
func isParameter(s string) bool { return isWord(s, 256, isVisible) }

// isPrefix accepts what may stand before a credential's value.
func isPrefix(s string) bool {
	return s == "" || isWord(s, 256, func(c byte) bool { return c == ' ' || isVisible(c) })
}

// isMethod accepts a method in capital letters.
func isMethod(s string) bool {
	return isWord(s, 32, func(c byte) bool { return isUpper(c) || isDigit(c) || c == '-' || c == '_' }) && isUpper(s[0])
}

// isPathText accepts a path's characters (RFC 3986, section 3.3) and braces.
func isPathText(s string) bool {
	return isWord(s, maxPath, func(c byte) bool {
		return isLetter(c) || isDigit(c) || strings.IndexByte("/-._~!$&'()*+,;=:@%{}", c) >= 0
	}) && s[0] == '/'
}

// isCapture accepts "{name}".
func isCapture(segment string) bool {
	name, opened := strings.CutPrefix(segment, "{")
	name, closed := strings.CutSuffix(name, "}")
	return opened && closed && isWord(name, 32, func(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' }) && isLower(name[0])
}

// isWord reports whether s has 1 to most bytes, all of which are allowed.
func isWord(s string, most int, allowed func(byte) bool) bool {
	for i := range len(s) {
		if !allowed(s[i]) {
			return false
		}
	}
	return len(s) >= 1 && len(s) <= most
}

func isLower(c byte) bool   { return c >= 'a' && c <= 'z' }
func isUpper(c byte) bool   { return c >= 'A' && c <= 'Z' }
func isLetter(c byte) bool  { return isLower(c) || isUpper(c) }
func isDigit(c byte) bool   { return c >= '0' && c <= '9' }
func isVisible(c byte) bool { return c > ' ' && c < 0x7f }
