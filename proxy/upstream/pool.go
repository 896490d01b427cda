package upstream

import (
	"slices"
	"sync"
	"time"
)

// The limits of the pool.
const (
	// maxIdle is the number of connections kept.
	maxIdle = 256
	// idleTime is how long a connection is kept unused: below the 60 seconds after which common load balancers close theirs.
	idleTime = 50 * time.Second
	// lifetime is how long a connection is used, so that a change of the service's addresses is followed.
	lifetime = 5 * time.Minute
	// sweepTime is the time between two looks for connections that are too old or were closed by the service.
	sweepTime = 10 * time.Second
)

// pool keeps connections between requests, the newest last. Its zero value is ready.
type pool struct {
	mutex  sync.Mutex
	idle   []*Conn
	timer  *time.Timer // nil while the pool is empty
	closed bool
}

// take returns the connection that was put last and is not too old, or nil.
func (p *pool) take() *Conn {
	for {
		c := p.pop()
		if c == nil {
			return nil
		}
		if !c.isOld(time.Now()) {
			c.reused = true
			return c
		}
		c.Close()
	}
}

func (p *pool) pop() *Conn {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	last := len(p.idle) - 1
	if last < 0 {
		return nil
	}
	c := p.idle[last]
	p.idle[last] = nil
	p.idle = p.idle[:last]
	return c
}

// put keeps c, or closes it when the pool is closed or full.
func (p *pool) put(c *Conn) {
	c.idle = time.Now()
	if !p.push(c) {
		c.Close()
	}
}

func (p *pool) push(c *Conn) bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.closed || len(p.idle) >= maxIdle {
		return false
	}
	p.idle = append(p.idle, c)
	if p.timer == nil {
		p.timer = time.AfterFunc(sweepTime, p.sweep)
	}
	return true
}

func (c *Conn) isOld(now time.Time) bool {
	return now.Sub(c.idle) >= idleTime || now.Sub(c.born) >= lifetime
}

// sweep closes what is not worth keeping, and comes again while there is something left.
func (p *pool) sweep() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	now := time.Now()
	p.idle = slices.DeleteFunc(p.idle, func(c *Conn) bool {
		bad := c.isOld(now) || !c.isClean()
		if bad {
			c.Close()
		}
		return bad
	})
	p.timer = nil
	if len(p.idle) > 0 {
		p.timer = time.AfterFunc(sweepTime, p.sweep)
	}
}

func (p *pool) close() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.closed = true
	for _, c := range p.idle {
		c.Close()
	}
	p.idle = nil
	if p.timer != nil {
		p.timer.Stop()
	}
}

func (p *pool) size() int {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return len(p.idle)
}
