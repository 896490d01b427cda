package wire

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
)

// What the proxies attach. The values have the length of real ones; they protect nothing.
const (
	APIKey = "0123456789abcdef0123456789abcdef"
	Token  = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJiZW5jaG1hcmsifQ.c2lnbmF0dXJlLW9mLXRoZS1iZW5jaG1hcms"
)

// The paths that the proxies rewrite: LocalPath becomes UpstreamPath, and what follows it is kept.
const (
	LocalPath    = "/movies"
	BasePath     = "/3"
	UpstreamPath = BasePath + "/discover/movie"
)

// clientFields are what a common HTTP client sends beside Host.
const clientFields = "User-Agent: movie-service/4.2 (linux; amd64)\r\n" +
	"Accept: application/json\r\n" +
	"Accept-Encoding: gzip, br\r\n" +
	"Accept-Language: en\r\n" +
	"X-Request-Id: 6f1ff2b1-93f6-4f5c-a37b-4d5e1f4f0a55\r\n"

// Local is the request as an application sends it to its proxy.
func Local(size, variant int) []byte {
	return fmt.Appendf(nil, "GET %s/%d/%d?language=en HTTP/1.1\r\nHost: localhost\r\n%s\r\n",
		LocalPath, size, variant, clientFields)
}

// Final is the request with all that a proxy would have done to it: what is sent through one that forwards bytes only.
func Final(size, variant int) []byte {
	return fmt.Appendf(nil, "GET %s/%d/%d?language=en&api_key=%s HTTP/1.1\r\nHost: localhost\r\n%sAuthorization: Bearer %s\r\n\r\n",
		UpstreamPath, size, variant, APIKey, clientFields, Token)
}

// Errors of [Judge]: what the proxy did not do.
var (
	ErrPath          = errors.New("the path was not rewritten")
	ErrQuery         = errors.New("the query is not language=en and the API key, once each")
	ErrAuthorization = errors.New("the Authorization field is missing, wrong or double")
	ErrVersion       = errors.New("the request is not HTTP/1.1")
)

// Judge checks a request head, up to and including its empty line, as the upstream receives it, and tells which answer
// it asks for.
func Judge(head []byte) (size, variant int, err error) {
	line, fields, _ := bytes.Cut(head, crlf)
	target, version, _ := bytes.Cut(bytes.TrimPrefix(line, getPrefix), space)
	if !bytes.Equal(version, http11) {
		return 0, 0, ErrVersion
	}
	path, query, _ := bytes.Cut(target, question)
	if size, variant, err = judgePath(path); err != nil {
		return 0, 0, err
	}
	if !judgeQuery(query) {
		return 0, 0, ErrQuery
	}
	if value, n := lookup(fields, "authorization"); n != 1 || !bytes.Equal(value, bearer) {
		return 0, 0, ErrAuthorization
	}
	return size, variant, nil
}

var (
	crlf      = []byte("\r\n")
	space     = []byte(" ")
	question  = []byte("?")
	slash     = []byte("/")
	ampersand = []byte("&")
	getPrefix = []byte("GET ")
	http11    = []byte("HTTP/1.1")
	upstream  = []byte(UpstreamPath + "/")
	language  = []byte("language=en")
	apiKey    = []byte("api_key=" + APIKey)
	bearer    = []byte("Bearer " + Token)
)

func judgePath(path []byte) (size, variant int, err error) {
	rest, ok := bytes.CutPrefix(path, upstream)
	if !ok {
		return 0, 0, ErrPath
	}
	first, second, _ := bytes.Cut(rest, slash)
	size, err1 := strconv.Atoi(string(first))
	variant, err2 := strconv.Atoi(string(second))
	if err1 != nil || err2 != nil || variant < 0 || variant >= Variants {
		return 0, 0, ErrPath
	}
	return size, variant, nil
}

// judgeQuery accepts the two parameters in either order, because some proxies sort them.
func judgeQuery(query []byte) bool {
	first, second, _ := bytes.Cut(query, ampersand)
	return bytes.Equal(first, language) && bytes.Equal(second, apiKey) ||
		bytes.Equal(first, apiKey) && bytes.Equal(second, language)
}

// lookup finds the fields of one name in field lines and returns the last one's value and how many there are.
func lookup(fields []byte, lowerName string) (value []byte, n int) {
	for len(fields) > 0 {
		var line []byte
		line, fields, _ = bytes.Cut(fields, crlf)
		if !hasName(line, lowerName) {
			continue
		}
		value, n = bytes.TrimSpace(line[len(lowerName)+1:]), n+1
	}
	return value, n
}

func hasName(line []byte, lowerName string) bool {
	if len(line) <= len(lowerName) || line[len(lowerName)] != ':' {
		return false
	}
	for i := range len(lowerName) {
		if line[i]|0x20 != lowerName[i]|0x20 {
			return false
		}
	}
	return true
}
