// Package tmdb stands in for The Movie DB where that can not be reached: the few
// paths that examples use, with answers of the same shape, and the same refusal
// of a request without a valid key. It knows a dozen films and nothing else.
//
//	request -> keys (401) -> discover | movie | rating | search | configuration
//
// One header is its own: Key-Number tells which of the keys opened the door, so
// that a rotation can be seen without showing a key.
package tmdb
