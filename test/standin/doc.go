// Package standin is what the stand-ins for services have in common: keys that
// can be changed while they run, bad days on request, and the program around
// both.
//
//	request -> paths of its own (/stand-in/) | counted -> a bad day -> the service
package standin
