package socket

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// These calls go to the kernel without telling Go's scheduler, as a socket that does not block returns at once. What that
// saves is more than the telling. Go's monitor thread sleeps while a process has nothing to do; the first system call that
// is told of wakes it, and it then looks around every 20 microseconds for some milliseconds. A relay has nothing to do many
// times a second, so that the monitor took up to half of its processor time. [Probe.Look] is told of: it is rare, and has
// the monitor look after goroutines that compute for long.

func read(fd uintptr, p []byte) (n int, again bool, err error) { return call(syscall.SYS_READ, fd, p) }

func write(fd uintptr, p []byte) (n int, again bool, err error) {
	return call(syscall.SYS_WRITE, fd, p)
}

func call(trap, fd uintptr, p []byte) (n int, again bool, err error) {
	start := unsafe.Pointer(unsafe.SliceData(p)) //nolint:gosec // the call is given p's bounds and keeps nothing
	for {
		n, _, errno := syscall.RawSyscall(trap, fd, uintptr(start), uintptr(len(p)))
		if errno != syscall.EINTR {
			return outcome(int(n), errno)
		}
	}
}

// splice moves up to n bytes between a pipe and a socket. It does not wait.
func splice(to, from uintptr, n int) (moved int, again bool, err error) {
	const flags = unix.SPLICE_F_NONBLOCK | unix.SPLICE_F_MOVE
	for {
		n, _, errno := syscall.RawSyscall6(syscall.SYS_SPLICE, from, 0, to, 0, uintptr(n), flags)
		if errno != syscall.EINTR {
			return outcome(int(n), errno)
		}
	}
}
