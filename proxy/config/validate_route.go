package config

import (
	"fmt"
	"slices"
	"strings"
)

// maxPath bounds a route's paths in bytes, maxCaptures the names in one of them, maxBody its fixed content in bytes.
const (
	maxPath     = 1024
	maxCaptures = 8
	maxBody     = 64 << 10
)

// routes checks each route, and that no two answer the same requests.
func (c *checker) routes(at string, a *Ambassador) {
	c.check(len(a.Routes) <= MaxRoutes, at+".routes", "%d entries; at most %d", len(a.Routes), MaxRoutes)
	owned := targetsOf(a.Credentials)
	taken := map[string]int{}
	for i := range a.Routes {
		r := &a.Routes[i]
		field := fmt.Sprintf("%s.routes[%d]", at, i)
		c.route(field, r, owned)
		for _, request := range requestsOf(r) {
			if first, found := taken[request]; found {
				c.fail(field+".path", "%q answers what routes[%d] answers; leave one out, or give them different methods", r.Path, first)
				break
			}
			taken[request] = i
		}
	}
}

// requestsOf lists what a route answers, such that two routes have an entry in common when some request fits both
// equally well.
func requestsOf(r *Route) []string {
	segments := strings.Split(r.Path, "/")
	for i, segment := range segments {
		if isCapture(segment) {
			segments[i] = "{}"
		}
	}
	pattern := fmt.Sprint(r.Match == MatchExact, strings.Join(segments, "/"), " ")
	if len(r.Methods) == 0 {
		return []string{pattern}
	}
	var requests []string
	for _, method := range r.Methods {
		requests = append(requests, pattern+method)
		if method == "GET" && !slices.Contains(r.Methods, "HEAD") {
			requests = append(requests, pattern+"HEAD")
		}
	}
	return requests
}

// route checks one route; owned are the targets of its ambassador's credentials.
func (c *checker) route(at string, r *Route, owned map[string]bool) {
	c.path(at+".path", r.Path)
	captures := CapturesOf(r.Path)
	c.check(slices.Contains([]Match{"", MatchPrefix, MatchExact}, r.Match), at+".match", "%q is not one of prefix, exact", r.Match)
	if r.UpstreamPath != "" {
		c.path(at+".upstreamPath", r.UpstreamPath)
		for _, name := range CapturesOf(r.UpstreamPath) {
			c.check(slices.Contains(captures, name), at+".upstreamPath", "{%s} is not captured by path %q", name, r.Path)
		}
	}
	c.check(len(r.Methods) <= MaxMethods, at+".methods", "%d entries; at most %d", len(r.Methods), MaxMethods)
	for i, method := range r.Methods {
		c.method(fmt.Sprintf("%s.methods[%d]", at, i), method)
	}
	if r.UpstreamMethod != "" {
		c.method(at+".upstreamMethod", r.UpstreamMethod)
		c.check(r.UpstreamMethod != "HEAD", at+".upstreamMethod", "%q is answered without content; write GET", r.UpstreamMethod)
	}
	c.query(at+".query", &r.Query, captures, owned)
	c.headers(at+".requestHeaders", r.RequestHeaders, owned)
	c.headers(at+".responseHeaders", r.ResponseHeaders, owned)
	c.body(at+".body", r.Body)
	c.timeouts(at+".timeouts", &r.Timeouts, owned)
	c.retry(at+".retry", r.Retry, owned)
	c.cacheRule(at+".cache", r.Cache)
	c.response(at+".response", r.Response, captures)
}

func (c *checker) method(field, method string) {
	c.check(isMethod(method), field, "%q is not a method; write it in capital letters, such as GET", method)
	c.check(!slices.Contains(refusedMethods, method), field, "%q is never relayed; leave it out", method)
}

func (c *checker) body(at string, b *Body) {
	if b == nil {
		return
	}
	c.mediaType(at+".contentType", b.ContentType)
	c.check(len(b.Text) <= maxBody, at+".text", "%d bytes; at most %d", len(b.Text), maxBody)
}

// path accepts what can be forwarded as it stands: no dot segments, no empty segments but a last one, whole-segment captures with distinct names.
func (c *checker) path(field, path string) {
	if !isPathText(path) {
		c.fail(field, "%q is not a path that starts with '/' and holds at most %d bytes of segment characters (RFC 3986, section 3.3)", path, maxPath)
		return
	}
	seen := map[string]bool{}
	segments := strings.Split(path[1:], "/")
	for i, segment := range segments {
		switch {
		case segment == "" && i < len(segments)-1:
			c.fail(field, "%q holds an empty segment; write one '/'", path)
		case strings.Contains(segment, "%"):
			c.fail(field, "%q holds a percent escape; write the plain character", path)
		case segment == "." || segment == "..":
			c.fail(field, "%q holds a dot segment; write the path it leads to", path)
		case !strings.ContainsAny(segment, "{}"):
		case !isCapture(segment):
			c.fail(field, "%q is not a capture; a whole segment such as {id}, letters, digits and '_'", segment)
		case seen[segment]:
			c.fail(field, "%s is captured twice; give each capture its own name", segment)
		}
		seen[segment] = true
	}
	c.check(len(CapturesOf(path)) <= maxCaptures, field, "%q holds over %d captures", path, maxCaptures)
}

// refusedMethods ask for a tunnel to anywhere, or for the request's echo with the credential in it (RFC 9110, sections
// 9.3.6 and 9.3.8; TRACK is an old sibling of TRACE).
var refusedMethods = []string{"CONNECT", "TRACE", "TRACK"}
