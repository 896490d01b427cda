// Package socket knows of a TCP connection what net does not tell, and reads and writes it at less cost.
//
// [Conn] and [Move] transfer bytes. [Probe.Look] finds out whether a peer has gone while nobody reads, [Quiet] how long
// nothing has arrived, [Taken] what the peer has. On systems other than Linux these three know nothing: they find no event
// and no silence.
package socket

// Events is what a look at a connection finds.
type Events uint8

const (
	// Readable: bytes or the end of the stream can be read.
	Readable Events = 1 << iota
	// Finished: the peer has closed its direction. It may still read.
	Finished
	// Broken: the connection was reset, or is closed in both directions.
	Broken
)
