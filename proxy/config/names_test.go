package config

import (
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	for name, row := range map[string]struct {
		check     func(string) bool
		good, bad []string
	}{
		"label": {isLabel, []string{"a", "tmdb-2", "0", strings.Repeat("a", 63)},
			[]string{"", "A", "-a", "a-", "a.b", "a_b", "é", strings.Repeat("a", 64)}},
		"Secret": {isSubdomain, []string{"a", "a.b-c", strings.Repeat("a", 253)},
			[]string{"", ".a", "a.", "A", "a/b", "..", strings.Repeat("a", 254)}},
		"host": {isHost, []string{"a", "api.example.com", "api.example.com.", "10.0.0.1", "::1", "A-b.C"},
			[]string{"", ".", "a..b", "-a", "a b", "a_b", "a/b", strings.Repeat("a", 254)}},
		"key": {isKey, []string{"token", "tls.crt", "A_b-c", ".hidden", strings.Repeat("a", 253)},
			[]string{"", ".", "..", "..data", "a/b", "a b", strings.Repeat("a", 254)}},
		"header name": {isToken, []string{"X-Api-Key", "x", "!#$%&'*+-.^_`|~"},
			[]string{"", "a b", "a:", "a\r", "é", strings.Repeat("a", 257)}},
		"parameter": {isParameter, []string{"api_key", "a[b]", "~!"},
			[]string{"", "a b", "a\n", "é", strings.Repeat("a", 257)}},
		"prefix": {isPrefix, []string{"", "Bearer ", "v=1, "},
			[]string{"\t", "\r\n", "é", strings.Repeat("a", 257)}},
		"method": {isMethod, []string{"GET", "M-SEARCH", "X_1"},
			[]string{"", "get", "Get", "1A", "A B", strings.Repeat("A", 33)}},
		"path": {isPathText, []string{"/", "/a/b", "/{id}", "/a;b=c", "/" + strings.Repeat("a", 1023)},
			[]string{"", "a", "/a b", "/a?b", "/a#b", `/a\b`, "/é", "/" + strings.Repeat("a", 1024)}},
		"capture": {isCapture, []string{"{id}", "{aB_1}"},
			[]string{"", "{}", "{", "id", "{Id}", "{1}", "{a-b}", "x{id}", "{id}x", "{" + strings.Repeat("a", 33) + "}"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, s := range row.good {
				if !row.check(s) {
					t.Errorf("%q is refused", s)
				}
			}
			for _, s := range row.bad {
				if row.check(s) {
					t.Errorf("%q is accepted", s)
				}
			}
		})
	}
}
