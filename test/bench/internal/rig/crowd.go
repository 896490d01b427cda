package rig

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ambassador-operator/ambassador-operator/test/bench/internal/hist"
	"github.com/ambassador-operator/ambassador-operator/test/bench/internal/wire"
)

// crowd is the clients of one measurement and what they have counted together.
type crowd struct {
	loop     *Loop
	script   *wire.Script
	size     int // of the answers that are asked for now
	requests [wire.Variants][]byte
	clients  []*client
	scratch  [256 << 10]byte // all clients read into it, each compares before the next one reads
	err      error

	stopping bool // no further requests
	answered int  // clients that have had at least one answer
	busy     int  // clients with a request under way
	count    int64
	bytes    int64 // body bytes, also of answers that are not complete
	latency  hist.Histogram
}

// Load says what the clients of a measurement do.
type Load struct {
	Script      *wire.Script
	Port        int
	Size        int // body bytes of each answer
	Connections int
	// Final sends requests that carry what a proxy would attach, for one that forwards bytes only.
	Final bool
	// Once has each client ask for one such answer instead of for one after the other. It is for what takes longer than any
	// window: many clients that ask for much. Until then they ask for answers of Light bytes, which the script must have.
	Once bool
}

// Light is the size of the answers with which clients connect and warm up that ask for larger ones Once.
const Light = 1 << 10

func newCrowd(loop *Loop, load Load) *crowd {
	c := &crowd{loop: loop, script: load.Script}
	c.aim(load, load.Size)
	return c
}

// aim has the next requests ask for answers of a size.
func (c *crowd) aim(load Load, size int) {
	c.size = size
	for variant := range c.requests {
		if load.Final {
			c.requests[variant] = wire.Final(size, variant)
		} else {
			c.requests[variant] = wire.Local(size, variant)
		}
	}
}

// together is how many first requests are under way at once while the clients connect.
const together = 32

// connect dials and has every client served once. once tells whether a client then stays idle.
func (c *crowd) connect(load Load, deadline time.Time) error {
	for i := range load.Connections {
		fd, err := dial(load.Port)
		if err != nil {
			return err
		}
		each := &client{crowd: c, fd: fd, variant: i}
		c.clients = append(c.clients, each)
		if err := c.loop.add(fd, each, unix.EPOLLIN); err != nil {
			return err
		}
		c.busy++
		each.ask()
		if err := c.run(deadline, func() bool { return len(c.clients)-c.answered < together }); err != nil {
			return err
		}
	}
	return c.run(deadline, func() bool { return c.answered == len(c.clients) })
}

// completed counts an answer and, unless the crowd is stopping, asks for the next one.
func (c *crowd) completed(by *client) {
	c.latency.Record(time.Since(by.began))
	c.count++
	if !by.served {
		by.served = true
		c.answered++
	}
	if c.stopping {
		c.busy--
		return
	}
	by.ask()
}

// run serves the loop until done; passing the deadline is an error.
func (c *crowd) run(deadline time.Time, done func() bool) error {
	err := c.loop.Run(deadline, func() bool { return c.err != nil || done() })
	if err = errors.Join(err, c.err); err != nil {
		return err
	}
	if !done() {
		return fmt.Errorf("no progress in time: %d of %d connections were answered, %d requests are under way", c.answered, len(c.clients), c.busy)
	}
	return nil
}

// serve serves the loop for d.
func (c *crowd) serve(d time.Duration) error {
	err := c.loop.Run(time.Now().Add(d), func() bool { return c.err != nil })
	return errors.Join(err, c.err)
}

// restart forgets what was counted.
func (c *crowd) restart() {
	c.count, c.bytes = 0, 0
	c.latency.Reset()
}

// stop lets the requests under way finish.
func (c *crowd) stop(deadline time.Time) error {
	c.stopping = true
	return c.run(deadline, func() bool { return c.busy == 0 })
}

func (c *crowd) close() {
	for _, each := range c.clients {
		each.close()
	}
}
