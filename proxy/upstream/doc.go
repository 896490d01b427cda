// Package upstream gives connections to one external service: it resolves, dials, checks certificates, and keeps
// connections for the next request.
//
// It does not read or write HTTP and does not retry a request: the relay does both, and tells by Put or Close what
// became of a connection.
//
//	Take: pool, newest first -> too old? spoken to? closed? -> Conn
//	Dial: name -> addresses -> denied ranges out -> TCP, addresses raced -> TLS -> Conn
//	Put:  Conn -> pool, until its idle time or lifetime ends
//
// A pooled connection on which the service has sent anything unasked is never used again: it would be read as the
// answer to the next request. That is looked at when the connection is taken, in the kernel's buffer and in that of TLS.
//
// Names are resolved at every dial. What a name resolves to is checked against the denied ranges before a packet is
// sent, also where an IPv4 address hides in an IPv6 one (RFC 4291 section 2.5.5.2, RFC 6052 section 2.1).
package upstream
