package rig

import (
	"fmt"
	"time"

	"github.com/ambassador-operator/ambassador-operator/test/bench/internal/hist"
)

const (
	// connectLimit bounds how long all clients together may take to connect and have one answer each.
	connectLimit = 2 * time.Minute
	// enough answers make a figure. A machine that is busy with other things may need more than one window for them.
	enough  = 20
	windows = 5
	// stopLimit bounds how long the last requests may take.
	stopLimit = 30 * time.Second
)

// Result is what was counted in one window.
type Result struct {
	Elapsed  time.Duration
	Requests int64
	// Bytes counts body bytes that arrived in the window, of unfinished answers too: with large bodies it is the finer count.
	Bytes   int64
	Latency hist.Histogram
}

// Measure connects the clients, lets them warm up, and counts for one window; mark is called at its beginning and its end.
// With Load.Once the window is as long as it takes to serve each client one answer.
func (l *Loop) Measure(load Load, warm, window time.Duration, mark func() error) (*Result, error) {
	c := newCrowd(l, load)
	defer c.close()
	if load.Once {
		c.aim(load, Light)
	}
	if err := c.connect(load, time.Now().Add(connectLimit)); err != nil {
		return nil, err
	}
	if err := c.serve(warm); err != nil {
		return nil, err
	}
	if load.Once {
		return c.measureOnce(load, mark)
	}
	result, err := c.measure(window, mark)
	if err != nil {
		return nil, err
	}
	return result, c.stop(time.Now().Add(stopLimit))
}

func (c *crowd) measure(window time.Duration, mark func() error) (*Result, error) {
	c.restart()
	began := time.Now()
	if err := mark(); err != nil {
		return nil, err
	}
	for range windows {
		if err := c.serve(window); err != nil {
			return nil, err
		}
		if c.bytes >= enough*int64(c.size) {
			break
		}
	}
	if c.bytes == 0 {
		return nil, fmt.Errorf("nothing was answered within %v", windows*window)
	}
	result := c.counted(began)
	return result, mark()
}

// measureOnce counts while every client is served one answer.
func (c *crowd) measureOnce(load Load, mark func() error) (*Result, error) {
	if err := c.stop(time.Now().Add(stopLimit)); err != nil {
		return nil, err
	}
	c.aim(load, load.Size)
	c.restart()
	began := time.Now()
	if err := mark(); err != nil {
		return nil, err
	}
	c.busy = len(c.clients)
	for _, each := range c.clients {
		each.ask()
	}
	if err := c.stop(time.Now().Add(connectLimit)); err != nil {
		return nil, err
	}
	result := c.counted(began)
	return result, mark()
}

func (c *crowd) counted(since time.Time) *Result {
	return &Result{Elapsed: time.Since(since), Requests: c.count, Bytes: c.bytes, Latency: c.latency}
}

// Idle connects the clients, has each served once, and calls look while they all stay connected and idle.
func (l *Loop) Idle(load Load, settle time.Duration, look func() error) error {
	c := newCrowd(l, load)
	defer c.close()
	c.stopping = true
	if err := c.connect(load, time.Now().Add(connectLimit)); err != nil {
		return err
	}
	if err := c.serve(settle); err != nil {
		return err
	}
	return look()
}
