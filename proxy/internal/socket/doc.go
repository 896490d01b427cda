// Package socket asks the kernel what a TCP connection's state is, without waiting and without taking bytes from it.
//
// It exists because net does not tell whether a peer has gone while nobody reads, or how long nothing has arrived. On
// systems other than Linux nothing is known: [Probe.Look] finds nothing and [Quiet] no silence.
package socket

import "syscall"

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

// Read reads what is there into p. again reports that nothing is, and that the caller has to wait for readability.
// n is 0 without an error at the end of the stream.
func Read(fd uintptr, p []byte) (n int, again bool, err error) {
	for {
		n, err = syscall.Read(int(fd), p)
		switch err {
		case syscall.EINTR:
		case syscall.EAGAIN:
			return 0, true, nil
		default:
			return max(n, 0), false, err
		}
	}
}
