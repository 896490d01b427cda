// Package rig is both ends of the benchmark: the upstream services behind the proxies and the clients before them, on
// one thread with one epoll instance, so that together they cost less of their core than a good proxy costs of its own.
//
// The clients form a closed loop: each connection sends its next request as soon as its answer has arrived whole and
// proved right. A wrong byte, a closed connection or a request that reached the upstream without what the proxy had to
// attach ends the measurement with an error.
//
//	client -> request -> proxy -> upstream (judges the request, sends a prepared answer)
//	client <- compared with the script <- proxy <- upstream
//
// Everything but accepting connections and TLS handshakes happens inside [Loop.Run], on the caller's goroutine.
package rig
