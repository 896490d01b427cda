package socket

import (
	"math"
	"runtime"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// pipeSize is how much one call moves at most, and the room that a pipe asks for. It does with less where it gets less.
const pipeSize = 1 << 20

// Move moves n bytes from one connection to another, or all until the end of the stream where n is negative. It returns how
// many it moved: fewer than n without an error where the stream has ended. The kernel moves them by itself (splice(2)), and
// where it can not, they go through memory.
func Move(to, from *Conn, n int64) (moved int64, err error) {
	p := borrowPipe()
	if p == nil {
		return carry(to, from, n)
	}
	defer p.giveBack()
	if n < 0 {
		n = math.MaxInt64
	}
	for moved < n {
		p.want = int(min(n-moved, pipeSize))
		if err := p.run(from.Raw.Read, p.fillStep); err != nil {
			if moved == 0 && isUnable(err) {
				return carry(to, from, n)
			}
			return moved, err
		}
		if p.held == 0 {
			return moved, nil
		}
		before := p.held
		err := p.run(to.Raw.Write, p.drainStep)
		moved += int64(before - p.held)
		if err != nil {
			return moved, err
		}
	}
	return moved, nil
}

// isUnable reports that splice is not to be had: for these sockets, or in this system or sandbox at all. No byte was moved.
func isUnable(err error) bool {
	return err == syscall.EINVAL || err == syscall.ENOSYS || err == syscall.EPERM //nolint:errorlint // they come from fill as they are
}

// pipe is what bytes go through on the way from one socket to another. Those that wait for use in vain are closed by and by.
type pipe struct {
	ends      *[2]int // read, write
	cleanup   runtime.Cleanup
	fillStep  func(fd uintptr) bool
	drainStep func(fd uintptr) bool
	want      int
	held      int
	err       error
}

var pipes sync.Pool

// borrowPipe returns nil where there is no pipe to be had, such as for want of descriptors.
func borrowPipe() *pipe {
	if p, ok := pipes.Get().(*pipe); ok {
		return p
	}
	p := &pipe{ends: new([2]int)}
	if err := unix.Pipe2(p.ends[:], unix.O_CLOEXEC|unix.O_NONBLOCK); err != nil {
		return nil
	}
	_, _ = unix.FcntlInt(uintptr(p.ends[1]), unix.F_SETPIPE_SZ, pipeSize) // a smaller one will do
	p.fillStep, p.drainStep = p.fill, p.drain
	p.cleanup = runtime.AddCleanup(p, closePipe, p.ends)
	return p
}

func closePipe(ends *[2]int) {
	unix.Close(ends[0])
	unix.Close(ends[1])
}

// giveBack closes a pipe in which something is left.
func (p *pipe) giveBack() {
	if p.held == 0 {
		pipes.Put(p)
		return
	}
	p.cleanup.Stop()
	closePipe(p.ends)
}

func (p *pipe) run(wait func(func(fd uintptr) bool) error, step func(fd uintptr) bool) error {
	p.err = nil
	if err := wait(step); err != nil {
		return err
	}
	return p.err
}

// fill takes in what a socket has. It is called when the pipe is empty, so what has no room is the socket's next.
func (p *pipe) fill(socket uintptr) (done bool) {
	n, again, err := splice(uintptr(p.ends[1]), socket, p.want)
	p.held, p.err = n, err
	return !again
}

// drain gives a socket all that the pipe holds.
func (p *pipe) drain(socket uintptr) (done bool) {
	again := false
	for p.held > 0 && !again && p.err == nil {
		var n int
		n, again, p.err = splice(socket, uintptr(p.ends[0]), p.held)
		p.held -= n
	}
	return !again
}
