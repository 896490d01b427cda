// Package relay is the exchange: it takes requests from clients' connections, sends them to the service with the
// credentials attached, and passes the answers on as they come.
//
// It judges no bytes itself (package http1 does), finds no route (route), knows no credential (credential) and dials
// nothing (upstream). It never follows a redirect, adds no Via or X-Forwarded field (the service is to see a client,
// not a proxy; those that the client sends are passed on), and stores nothing but what package cache keeps.
//
//	client ── read ── head ── judge: route, credential ── compose ── Ask ─────────> service
//	client <── status, fields, content as it comes ── framing followed and judged <── service
//	watcher: one goroutine for all connections, ends waits that take too long or have no client any more
//
// # One goroutine
//
// One goroutine carries a connection and allocates nothing for a plain request. While a connection idles it holds no
// buffer. Only content that has not arrived with its head is sent by a second goroutine, because the service may answer
// before it has all of it, and so is one direction of a tunnel. Between plain connections the kernel moves tunnels and
// long content of known length by itself (splice).
//
// # What goes on and what does not
//
// Fields that end at this hop, or that Connection nominates, go before anything is attached; so do the client's own
// copies of what a credential sets, in any spelling that a service could take for it, in trailers too. Authorization is
// passed on where no credential owns it. Host is the service's. Content goes on in the very bytes that were judged: chunks
// stay as they are, extensions included. For an HTTP/1.0 client chunks are taken off; content that ends with the
// service's connection is put into chunks for an HTTP/1.1 client. An answer that is cut off or malformed after its head
// was passed on cuts the client's connection, by a reset and without a last chunk.
//
// Of the answer's fields, those in which services repeat the request's URL lose the credential that is a query parameter.
//
// # Answers that are mapped
//
// An answer that a route's rule maps by a program (mapped.go, package mapping) is collected, within bounds of its own and of
// all that are mapped at one time, and goes on as if the service had sent what came out with its length. Events of a stream
// are mapped in a filter as they pass. Programs run in the exchange's goroutine and end with it.
//
// # Once more
//
// A request is sent again only where the client's bytes are all there. Its route's retry policy says after what, how often
// and when (again.go, attempt.go); without one, once where no connection could be made. Each attempt asks the guard and
// chooses an endpoint. Within an attempt it is sent a second time in two cases: the kept connection
// was closed or spoken to before anything was sent (any method), or ended before a byte of an answer came (methods that
// are idempotent, RFC 9110 section 9.2.2); and the service refused the credential (401), whose files hold another one by
// now (idempotent methods, once).
//
// # Clients that go
//
// The watcher looks at each connection with a request in flight every fifth of a second. One that was reset is given
// up at once. A client that has closed its direction may have done so because it is done sending: it gets every answer
// that begins within two more looks of that being noticed, and then whatever follows without a pause as long; after
// that it counts as gone, and the service's connection is closed. That takes a second at most.
//
// A connection is closed only after reading on for a moment where the client may still be sending, as it would not see
// the answer otherwise.
package relay
