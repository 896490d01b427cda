package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ambassador-operator/ambassador-operator/test/bench/internal/report"
)

const (
	// settle is how long a proxy is left alone before its memory is read.
	settle = 5 * time.Second
	// workers and crowd are the numbers of connections at work and idle.
	workers = 32
	crowd   = 5000
)

// weigh reads every proxy's resident memory: fresh, at work, and with many idle clients. Each reading of the first two
// comes from one fresh process, that of the third from another.
func (r *runner) weigh(ctx context.Context) error {
	rounds := r.options.memoryRounds
	if rounds == 0 {
		return nil
	}
	r.progress = newProgress(rounds * len(r.options.proxies))
	for _, name := range r.options.proxies {
		var idle, loaded, crowded []int64
		for range rounds {
			if err := ctx.Err(); err != nil {
				return err
			}
			one, err := r.weighOnce(name)
			if err != nil {
				return fmt.Errorf("%s, memory: %w", name, err)
			}
			idle, loaded, crowded = append(idle, one[0]), append(loaded, one[1]), append(crowded, one[2])
			r.progress.step(fmt.Sprintf("%s: %.1f MB idle, %.1f at work, %.1f with %d idle clients", name,
				float64(one[0])/1e6, float64(one[1])/1e6, float64(one[2])/1e6, crowd))
		}
		r.document.AddMemory(name, idle, loaded, crowded)
	}
	return nil
}

func (r *runner) weighOnce(name string) (readings [3]int64, err error) {
	if readings[0], readings[1], err = r.weighAtWork(name); err != nil {
		return readings, err
	}
	readings[2], err = r.weighCrowded(name)
	return readings, err
}

// weighAtWork reads a fresh process, then the larger of what it holds at the end of a window of small and one of larger answers.
func (r *runner) weighAtWork(name string) (idle, loaded int64, err error) {
	running, err := r.start(name)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, r.stopAll()) }()
	if err := r.loop.Run(time.Now().Add(settle), func() bool { return false }); err != nil {
		return 0, 0, err
	}
	if err := running.Refresh(); err != nil {
		return 0, 0, err
	}
	if idle, err = running.Resident(); err != nil {
		return 0, 0, err
	}
	for _, size := range memorySizes {
		look := func() error {
			now, err := running.Resident()
			loaded = max(loaded, now)
			return err
		}
		if _, err := r.measure(report.Cell{TLS: true, Size: size, Connections: workers}, running, r.options.window, look); err != nil {
			return 0, 0, err
		}
	}
	return idle, loaded, nil
}

func (r *runner) weighCrowded(name string) (crowded int64, err error) {
	running, err := r.start(name)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, r.stopAll()) }()
	cell := report.Cell{TLS: true, Size: memorySizes[0], Connections: crowd}
	err = r.loop.Idle(r.load(cell, running), settle, func() (err error) {
		if err = running.Refresh(); err == nil {
			crowded, err = running.Resident()
		}
		return err
	})
	return crowded, err
}
