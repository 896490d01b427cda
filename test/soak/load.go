package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// load is clients that send requests one after the other, each on its own connection.
type load struct {
	url      string
	clients  int
	interval time.Duration // between two requests of a client; 0: as fast as they can
}

// newLoad makes a load of that many requests a second; 0 is as many as go.
func newLoad(url string, clients int, rate float64) *load {
	l := &load{url: url, clients: clients}
	if rate > 0 {
		l.interval = time.Duration(float64(clients) / rate * float64(time.Second))
	}
	return l
}

// result is what a load saw.
type result struct {
	requests, failed int64
	errors           []string // the first few
	slowest          []time.Duration
	took             time.Duration
}

func (r *result) rate() float64 { return float64(r.requests) / r.took.Seconds() }

// run sends requests for that long, or until the context ends.
func (l *load) run(ctx context.Context, duration time.Duration) *result {
	ctx, cancel := context.WithTimeout(ctx, duration)
	defer cancel()
	total := new(result)
	start := time.Now()
	var mutex sync.Mutex
	var clients sync.WaitGroup
	for i := range l.clients {
		clients.Go(func() {
			own := l.client(ctx, time.Duration(i)*l.interval/time.Duration(l.clients))
			mutex.Lock()
			defer mutex.Unlock()
			total.add(own)
		})
	}
	clients.Wait()
	total.took = time.Since(start)
	return total
}

func (r *result) add(other *result) {
	r.requests += other.requests
	r.failed += other.failed
	r.errors = append(r.errors, other.errors...)
	r.slowest = append(r.slowest, other.slowest...)
	slices.Sort(r.slowest)
	r.slowest = r.slowest[max(0, len(r.slowest)-10):]
}

// client sends at its times, the first after delay. A request that is late is sent at once, and counts from when it was
// due.
func (l *load) client(ctx context.Context, delay time.Duration) *result {
	transport := new(http.Transport)
	defer transport.CloseIdleConnections()
	client := http.Client{Transport: transport, Timeout: 30 * time.Second}
	own := new(result)
	due := time.Now().Add(delay)
	timer := time.NewTimer(delay)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return own
		case <-timer.C:
		}
		own.requests++
		if err := fetch(&client, l.url); err != nil {
			own.failed++
			own.errors = append(own.errors, err.Error())[:min(len(own.errors)+1, 5)]
		}
		own.add(&result{slowest: []time.Duration{time.Since(due)}})
		due = due.Add(l.interval)
		if l.interval == 0 {
			due = time.Now()
		}
		timer.Reset(time.Until(due))
	}
}

// fetch asks once, and reads the answer to its end.
func fetch(client *http.Client, url string) error {
	response, err := client.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	n, err := io.Copy(io.Discard, response.Body)
	switch {
	case err != nil:
		return err
	case response.StatusCode != http.StatusOK:
		return fmt.Errorf("status %d, Ambassador-Error %q", response.StatusCode, response.Header.Get("Ambassador-Error"))
	case n != 1024:
		return fmt.Errorf("%d bytes in place of 1024", n)
	}
	return nil
}
