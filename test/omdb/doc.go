// Package omdb stands in for the Open Movie Database, a movie service of another
// shape than The Movie DB: one path for everything, fields in capital letters,
// numbers as text, and errors that are answered 200 with Response "False". It
// knows some twenty films.
//
//	request -> key (401) -> ?i= a film | ?s= a search
//
// One header is its own: Key-Number tells which of the keys opened the door, so
// that a rotation can be seen without showing a key.
package omdb
