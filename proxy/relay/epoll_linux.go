package relay

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// epoll waits for many descriptors in one goroutine: the runtime's own poller waits for the instance.
type epoll struct {
	fd     int
	file   *os.File
	raw    syscall.RawConn
	events [64]unix.EpollEvent
}

func (e *epoll) open() error {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return err
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return err
	}
	e.fd = fd
	e.file = os.NewFile(uintptr(fd), "epoll")
	e.raw, err = e.file.SyscallConn()
	return err
}

// wait returns descriptors that can be read; at most 64. It fails when the instance is closed.
func (e *epoll) wait(ready []int32) (n int, err error) {
	readErr := e.raw.Read(func(fd uintptr) bool {
		n, err = unix.EpollWait(int(fd), e.events[:min(len(ready), len(e.events))], 0)
		return n > 0 || err != nil && err != unix.EINTR
	})
	if readErr != nil {
		return 0, readErr
	}
	if err != nil {
		return 0, err
	}
	for i := range n {
		ready[i] = e.events[i].Fd
	}
	return n, nil
}

func (e *epoll) add(fd int32) error {
	event := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLRDHUP | unix.EPOLLONESHOT, Fd: fd}
	return unix.EpollCtl(e.fd, unix.EPOLL_CTL_ADD, int(fd), &event)
}

func (e *epoll) remove(fd int32) { _ = unix.EpollCtl(e.fd, unix.EPOLL_CTL_DEL, int(fd), nil) }

func (e *epoll) close() { e.file.Close() }
