package rig

import (
	"fmt"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// handler is told when its descriptor can be read or written.
type handler interface {
	ready()
}

// Loop is one epoll instance, level-triggered.
type Loop struct {
	epfd   int
	events [256]unix.EpollEvent

	mu       sync.Mutex // upstream connections come from the goroutines that accepted them
	handlers map[int32]handler
}

// NewLoop makes an empty loop.
func NewLoop() (*Loop, error) {
	epfd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("creating the epoll instance: %w", err)
	}
	return &Loop{epfd: epfd, handlers: make(map[int32]handler)}, nil
}

// Close frees the epoll instance; the descriptors in it stay open.
func (l *Loop) Close() error { return unix.Close(l.epfd) }

// Run serves events until done reports true or the deadline has passed. done is asked after each batch of events.
func (l *Loop) Run(deadline time.Time, done func() bool) error {
	for !done() {
		left := time.Until(deadline)
		if left <= 0 {
			return nil
		}
		n, err := unix.EpollWait(l.epfd, l.events[:], int(min(left, 50*time.Millisecond)/time.Millisecond)+1)
		if err != nil && err != unix.EINTR {
			return fmt.Errorf("waiting for events: %w", err)
		}
		for _, event := range l.events[:max(n, 0)] {
			if h := l.handler(event.Fd); h != nil {
				h.ready()
			}
		}
	}
	return nil
}

func (l *Loop) handler(fd int32) handler {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.handlers[fd]
}

// add has h told of events on fd. Safe for concurrent use.
func (l *Loop) add(fd int, h handler, events uint32) error {
	l.mu.Lock()
	l.handlers[int32(fd)] = h
	l.mu.Unlock()
	return l.control(unix.EPOLL_CTL_ADD, fd, events)
}

// awaitRead and awaitWrite choose what the handler of fd is told about.
func (l *Loop) awaitRead(fd int) error  { return l.control(unix.EPOLL_CTL_MOD, fd, unix.EPOLLIN) }
func (l *Loop) awaitWrite(fd int) error { return l.control(unix.EPOLL_CTL_MOD, fd, unix.EPOLLOUT) }

// remove forgets fd, which the caller closes.
func (l *Loop) remove(fd int) {
	l.mu.Lock()
	delete(l.handlers, int32(fd))
	l.mu.Unlock()
	_ = l.control(unix.EPOLL_CTL_DEL, fd, 0)
}

func (l *Loop) control(operation, fd int, events uint32) error {
	event := unix.EpollEvent{Events: events, Fd: int32(fd)}
	if err := unix.EpollCtl(l.epfd, operation, fd, &event); err != nil {
		return fmt.Errorf("registering a descriptor: %w", err)
	}
	return nil
}
