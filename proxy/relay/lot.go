package relay

import (
	"runtime/debug"
	"sync"
	"time"
)

// parkAfter is how long a connection rests with its goroutine before it is parked, if it may idle that long. Clients that
// keep busy never are.
const parkAfter = time.Second

// lot is where connections rest that have been idle for a while: without a goroutine, whose stack is most of what an
// idle connection costs. One goroutine waits for all of them, in an epoll instance of their own.
//
// A parked connection leaves in one of two ways: something can be read, or the watcher ends its wait. Whoever takes it
// out under the mutex starts a goroutine that serves it again.
type lot struct {
	mutex sync.Mutex
	conns map[int32]*conn // by descriptor; nil when closed
	epoll epoll
	fresh int // parked since memory was last returned
}

// newLot returns nil where the system can not wait so: then every connection keeps its goroutine.
func newLot() *lot {
	l := &lot{conns: map[int32]*conn{}}
	if err := l.epoll.open(); err != nil {
		return nil
	}
	go l.run()
	return l
}

// run wakes connections until the lot is closed.
func (l *lot) run() {
	var ready [64]int32
	for {
		n, err := l.epoll.wait(ready[:])
		if err != nil {
			return
		}
		for _, fd := range ready[:n] {
			l.mutex.Lock()
			c := l.conns[fd]
			l.remove(c)
			l.mutex.Unlock()
		}
	}
}

// park takes a connection in, if its wait is still the one of word and the server is not draining. After true it
// belongs to the lot.
func (l *lot) park(c *conn, word int64) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.conns == nil || !c.wait.word.CompareAndSwap(word, word&^(1<<phaseBits-1)|int64(parked)) {
		return false
	}
	if c.server.draining.Load() || !l.insert(c) {
		c.wait.word.CompareAndSwap(word&^(1<<phaseBits-1)|int64(parked), word)
		return false
	}
	if l.fresh++; l.fresh == many {
		time.AfterFunc(trimAfter, l.trim)
	}
	return true
}

func (l *lot) insert(c *conn) bool {
	added := false
	err := c.tcp.Raw.Control(func(fd uintptr) {
		c.descriptor = int32(fd)
		added = l.epoll.add(c.descriptor) == nil
	})
	if err != nil || !added {
		return false
	}
	l.conns[c.descriptor] = c
	return true
}

// wake has a parked connection served again.
func (l *lot) wake(c *conn) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.conns[c.descriptor] == c {
		l.remove(c)
	}
}

// remove is called under the mutex. c may be nil: it was taken out by another just before.
func (l *lot) remove(c *conn) {
	if c == nil {
		return
	}
	delete(l.conns, c.descriptor)
	l.epoll.remove(c.descriptor)
	go c.serve()
}

const (
	// many is the number of parked connections whose goroutines' memory is worth returning to the system at once: a lull
	// is when the runtime itself would take minutes to do so.
	many = 256
	// trimAfter is how long after that, so that those which come with them are parked too.
	trimAfter = 2 * parkAfter
)

// trim returns memory to the system.
func (l *lot) trim() {
	l.mutex.Lock()
	l.fresh = 0
	l.mutex.Unlock()
	debug.FreeOSMemory()
}

// close ends run. Connections that are parked stay where they are: the server has none any more when it closes its lot.
func (l *lot) close() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.conns = nil
	l.epoll.close()
}
