// Package wire is what travels in the benchmark: the requests that a client sends, the requests that the upstream must
// see once a proxy has done its work, and the answers that must come back unchanged.
//
// Every answer exists in several variants, and each request asks for one of them, so that an answer that reaches the
// wrong connection is noticed. Nothing here does I/O or allocates once a [Script] is made.
//
//	client: Script.Local    GET /movies/<size>/<variant>?language=en
//	proxy:                  path rewritten, Authorization and api_key attached
//	upstream: Judge         GET /3/discover/movie/<size>/<variant>?language=en&api_key=...
//	client: CheckHead, Body the answer, byte for byte
package wire
