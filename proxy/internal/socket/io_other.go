//go:build !linux

package socket

import (
	"errors"
	"syscall"
)

func read(fd uintptr, p []byte) (n int, again bool, err error) { return call(syscall.Read, fd, p) }

func write(fd uintptr, p []byte) (n int, again bool, err error) { return call(syscall.Write, fd, p) }

func call(trap func(int, []byte) (int, error), fd uintptr, p []byte) (n int, again bool, err error) {
	for {
		n, err := trap(int(fd), p)
		if errno, _ := errors.AsType[syscall.Errno](err); errno != syscall.EINTR {
			return outcome(n, errno)
		}
	}
}

// Move moves n bytes from one connection to another, or all until the end of the stream where n is negative. It returns how
// many it moved: fewer than n without an error where the stream has ended.
func Move(to, from *Conn, n int64) (moved int64, err error) { return carry(to, from, n) }
