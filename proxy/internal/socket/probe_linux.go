package socket

import (
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Probe looks at one connection at a time. Use it from one goroutine. Its zero value is ready; it must not be copied
// after its first use.
type Probe struct {
	look  func(fd uintptr)
	fds   [1]unix.PollFd
	count int
}

// Look returns what poll(2) finds now. A connection that is closed on this side counts as Broken.
func (p *Probe) Look(raw syscall.RawConn) Events {
	if p.look == nil {
		p.look = p.poll
	}
	if err := raw.Control(p.look); err != nil {
		return Broken
	}
	found := p.fds[0].Revents
	var events Events
	if p.count == 0 {
		return 0
	}
	if found&(unix.POLLIN|unix.POLLRDHUP) != 0 {
		events |= Readable
	}
	if found&unix.POLLRDHUP != 0 {
		events |= Finished
	}
	if found&(unix.POLLERR|unix.POLLHUP|unix.POLLNVAL) != 0 {
		events |= Broken
	}
	return events
}

func (p *Probe) poll(fd uintptr) {
	p.fds[0] = unix.PollFd{Fd: int32(fd), Events: unix.POLLIN | unix.POLLRDHUP}
	for {
		var err error
		if p.count, err = unix.Poll(p.fds[:], 0); err != unix.EINTR {
			return
		}
	}
}

// Quiet returns how long no data has arrived on a connection; 0 where the kernel does not tell.
func Quiet(raw syscall.RawConn) time.Duration {
	var quiet time.Duration
	_ = raw.Control(func(fd uintptr) { // an error leaves 0
		info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
		if err == nil {
			quiet = time.Duration(info.Last_data_recv) * time.Millisecond
		}
	})
	return quiet
}

// Taken returns how many bytes the peer has acknowledged in all, and whether others wait for it; 0 and false where the
// kernel does not tell.
func Taken(raw syscall.RawConn) (bytes uint64, waiting bool) {
	_ = raw.Control(func(fd uintptr) { // an error leaves 0
		info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
		if err == nil {
			bytes, waiting = info.Bytes_acked, info.Unacked > 0 || info.Notsent_bytes > 0
		}
	})
	return bytes, waiting
}
