package http1

import "bytes"

// Paths for targets that have none of their own.
var (
	slash    = []byte{'/'}
	asterisk = []byte{'*'}
)

var questionMark = []byte{'?'}

// parseTarget takes apart the target, which is visible ASCII and not empty (RFC 9112 section 3.2).
func (r *Request) parseTarget() error {
	target := r.Target
	if bytes.IndexByte(target, '#') >= 0 {
		return ErrFragment
	}
	r.Host = nil
	r.Path, r.Query, r.HasQuery = bytes.Cut(target, questionMark)
	if target[0] != '/' {
		if err := r.parseOtherForm(); err != nil {
			return err
		}
	}
	if !escapesWhole(r.Path) {
		return ErrTarget
	}
	return nil
}

// parseOtherForm is for absolute-form and asterisk-form.
func (r *Request) parseOtherForm() error {
	const scheme = "http://"
	options := string(r.Method) == "OPTIONS"
	if len(r.Target) == 1 && r.Target[0] == '*' && options {
		return nil
	}
	if len(r.Path) < len(scheme) || !equalFold(r.Path[:4], "http") || string(r.Path[4:7]) != scheme[4:] {
		return ErrTarget
	}
	authority := r.Path[len(scheme):]
	r.Path = nil
	if i := bytes.IndexByte(authority, '/'); i >= 0 {
		authority, r.Path = authority[:i], authority[i:]
	}
	if !isAuthority(authority) {
		return ErrHost
	}
	r.Host = authority
	switch {
	case r.Path != nil:
	case options && !r.HasQuery:
		r.Path = asterisk // RFC 9112 section 3.2.4
	default:
		r.Path = slash
	}
	return nil
}

// escapesWhole reports whether each percent sign starts an escape (RFC 3986 section 2.1).
func escapesWhole(b []byte) bool {
	for {
		i := bytes.IndexByte(b, '%')
		if i < 0 {
			return true
		}
		if len(b) < i+3 || class[b[i+1]]&class[b[i+2]]&hexDigit == 0 {
			return false
		}
		b = b[i+3:]
	}
}

// isAuthority reports whether b is "host [: port]" with a host that is not empty, and no user information (RFC 9110 section 4.2).
func isAuthority(b []byte) bool {
	n := hostLength(b)
	if n == 0 || !escapesWhole(b[:n]) {
		return false
	}
	return n == len(b) || b[n] == ':' && isPort(b[n+1:])
}

// hostLength is the length of the registered name or IP literal at the start of b, 0 for none.
func hostLength(b []byte) int {
	if len(b) > 0 && b[0] == '[' {
		return ipLiteralLength(b)
	}
	for i, c := range b {
		if class[c]&regName == 0 && c != '%' {
			return i
		}
	}
	return len(b)
}

// ipLiteralLength takes what has the bytes of an IPv6 address for one. Nothing here connects to it.
func ipLiteralLength(b []byte) int {
	colons := 0
	for i := 1; i < len(b); i++ {
		switch c := b[i]; {
		case c == ':':
			colons++
		case c == ']' && colons >= 2:
			return i + 1
		case class[c]&hexDigit == 0 && c != '.':
			return 0
		}
	}
	return 0
}

// isPort reports whether b is a port: none, or a number up to 65535.
func isPort(b []byte) bool {
	n := 0
	for _, c := range b {
		if n = n*10 + int(c-'0'); !isDigit(c) || n > 65535 {
			return false
		}
	}
	return true
}
