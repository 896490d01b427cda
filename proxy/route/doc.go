// Package route judges a request's path, finds the route that answers it and writes the target that goes upstream.
//
// A [Table] is compiled once from the document and never changes. It allocates nothing per request, and what a lookup
// costs depends on the path, not on the number of routes. It does not look at headers or bodies, and it does not decode
// and encode again: a path is judged by its bytes and forwarded by its bytes.
//
//	path, method -> judge (safe?) -> walk the segments -> methods -> Match
//	Match, base path, path, query -> base path + upstreamPath with captures + rest, query edited -> target
//
// One table serves a port. Several ambassadors may name the same port: their routes stand in one table then, each with its
// owner, and the one that fits best decides, whoever's it is.
//
// # Which paths are safe
//
// A service may decode a path once, twice or not at all, so every byte counts by what it becomes when its escapes are
// read, and when these are read once more. Refused ([Unsafe], status 400) are:
//
//   - a path that does not start with '/';
//   - dot segments: "." and "..", in any spelling (%2e, %252e, %25%32%65) and before path parameters ("..;a=b");
//   - a backslash, a control or NUL, in any spelling: services turn backslashes into slashes and cut at NUL;
//   - a space, '#', '?' or a byte above 0x7e that is not escaped (RFC 3986, section 3.3 has none of them);
//   - a '%' without two hexadecimal digits, and escapes of escapes of escapes;
//   - overlong UTF-8 escapes (%c0%ae is a dot to a lax decoder);
//   - empty segments ("//"): many services merge them, which would let a path pass by a narrower route.
//
// An escaped slash (%2f, %252f) counts as a slash when routes are matched, but goes upstream as it came. It is
// therefore accepted only where nothing hangs on it: without routes, and in what a prefix route passes on as it is.
// Inside the part that a route matches, captures included, it is refused. Slashes of which one is escaped may stand
// together ("/queues/%2F/jobs"); routes see one.
//
// # Which route answers
//
// Segments are compared from the left, each by its read bytes: "/%6dovies" is "/movies" (RFC 3986, section 6.2.2.2),
// and as the route's own bytes are forwarded in its place, the service can not read it otherwise. At each segment a
// literal comes before a capture, a longer route before a shorter one, exact before prefix. A capture takes one
// segment that is not empty. The route so found decides alone: when it does not answer the method, the request is
// refused (405) even if a shorter one would. Letter case and path parameters (";a=b") are compared as they stand, so a
// narrow route beneath a wide one is no fence at a service that ignores these; give such a service exact routes alone.
package route
