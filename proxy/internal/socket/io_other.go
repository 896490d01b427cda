//go:build !linux

package socket

import (
	"errors"
	"syscall"
)

func read(fd uintptr, p []byte) (int, syscall.Errno) { return numbered(syscall.Read(int(fd), p)) }

func write(fd uintptr, p []byte) (int, syscall.Errno) { return numbered(syscall.Write(int(fd), p)) }

func numbered(n int, err error) (int, syscall.Errno) {
	errno, _ := errors.AsType[syscall.Errno](err)
	return n, errno
}

// Move moves n bytes from one connection to another, or all until the end of the stream where n is negative. It returns how
// many it moved: fewer than n without an error where the stream has ended.
func Move(to, from *Conn, n int64) (moved int64, err error) { return carry(to, from, n) }
