package cache

import (
	"math"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/http1"
)

// none is a duration that was not given.
const none = time.Duration(-1)

// longest bounds what is read as a time, as RFC 9111 section 1.2.2 has it: 2^31 seconds.
const longest = time.Duration(1<<31) * time.Second

// directives is a Cache-Control field of either direction, all of its lines together (RFC 9111 section 5.2). What is given
// twice counts as the stricter of the two says, and a time that can not be read as none at all left (section 4.2.1).
type directives struct {
	noStore, noCache, mustRevalidate, private, public, mustUnderstand, onlyIfCached bool

	// Times are none where not given.
	maxAge, sharedMaxAge, minFresh     time.Duration
	maxStale                           time.Duration // without a value: longest
	staleWhileRevalidate, staleIfError time.Duration
}

func (d *directives) reset() {
	*d = directives{maxAge: none, sharedMaxAge: none, minFresh: none, maxStale: none, staleWhileRevalidate: none, staleIfError: none}
}

// add takes in one line.
func (d *directives) add(value []byte) {
	for l := (list{value}); ; {
		name, argument, more := l.next()
		if !more {
			return
		}
		d.set(name, argument)
	}
}

func (d *directives) set(name, argument []byte) {
	switch is := (token{name}).is; {
	case is("max-age"):
		d.maxAge = stricter(d.maxAge, seconds(argument))
	case is("no-store"):
		d.noStore = true
	case is("no-cache"): // with field names too: without them it can not be wrong
		d.noCache = true
	case is("must-revalidate"), is("proxy-revalidate"):
		d.mustRevalidate = true
	case is("private"):
		d.private = true
	case is("public"):
		d.public = true
	case is("must-understand"):
		d.mustUnderstand = true
	case is("s-maxage"):
		d.sharedMaxAge = stricter(d.sharedMaxAge, seconds(argument))
	case is("only-if-cached"):
		d.onlyIfCached = true
	case is("min-fresh"):
		d.minFresh = max(d.minFresh, seconds(argument))
	case is("max-stale") && len(argument) == 0:
		d.maxStale = longest
	case is("max-stale"):
		d.maxStale = stricter(d.maxStale, seconds(argument))
	case is("stale-while-revalidate"):
		d.staleWhileRevalidate = stricter(d.staleWhileRevalidate, seconds(argument))
	case is("stale-if-error"):
		d.staleIfError = stricter(d.staleIfError, seconds(argument))
	}
}

func stricter(a, b time.Duration) time.Duration {
	if a == none {
		return b
	}
	return min(a, b)
}

// seconds reads delta-seconds; zero for what is not.
func seconds(argument []byte) time.Duration {
	n, ok := parseSeconds(argument)
	if !ok {
		return 0
	}
	return n
}

func parseSeconds(argument []byte) (d time.Duration, ok bool) {
	if len(argument) == 0 {
		return 0, false
	}
	n := int64(0)
	for _, c := range argument {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = min(n*10+int64(c-'0'), math.MaxInt32+1)
	}
	return time.Duration(n) * time.Second, true
}

// list is the rest of a comma-separated list of which an element may be name=value or name="value".
type list struct{ rest []byte }

// next returns the next element, without quotes. What does not have that form is returned as a name that is no one's.
func (l *list) next() (name, argument []byte, more bool) {
	for len(l.rest) > 0 && (l.rest[0] == ',' || isSpace(l.rest[0])) {
		l.rest = l.rest[1:]
	}
	if len(l.rest) == 0 {
		return nil, nil, false
	}
	end, equals := 0, -1
	for ; end < len(l.rest) && l.rest[end] != ','; end++ {
		switch c := l.rest[end]; {
		case c == '=' && equals < 0:
			equals = end
		case c == '"':
			end = endOfQuotes(l.rest, end)
		}
	}
	element := trim(l.rest[:min(end, len(l.rest))])
	l.rest = l.rest[min(end, len(l.rest)):]
	if equals < 0 {
		return element, nil, true
	}
	return element[:equals], unquote(element[equals+1:]), true
}

// endOfQuotes returns where the quotes that open at i close.
func endOfQuotes(b []byte, i int) int {
	for i++; i < len(b) && b[i] != '"'; i++ {
		if b[i] == '\\' {
			i++
		}
	}
	return i
}

func unquote(b []byte) []byte {
	if len(b) >= 2 && b[0] == '"' && b[len(b)-1] == '"' {
		return b[1 : len(b)-1]
	}
	return b
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' }

func trim(b []byte) []byte {
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && isSpace(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

// token is a name whose case does not matter.
type token struct{ name []byte }

// is compares with a name in lower case.
func (t token) is(lower string) bool { return (&http1.Field{Name: t.name}).Is(lower) }
