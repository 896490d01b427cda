package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// seen is what the clients saw.
type seen struct {
	mutex    sync.Mutex
	sent     int
	classes  [6]int // answers by the first digit of their status
	gone     int    // requests whose client went before an answer began
	unsure   int    // of those that are not counted: the client may have gone before its request was written
	cut      int    // answers that ended early
	lost     []string
	late     []string
	slowest  time.Duration // beyond a deadline
	problems map[string]int
}

// slack is how much later than its deadline a call may end: the watcher's tick, and what a machine adds whose processors
// are shared with everything else here.
const slack = 1500 * time.Millisecond

// runClients sends requests until the time is over.
func runClients(ctx context.Context, s settings, url string) *seen {
	ctx, cancel := context.WithTimeout(ctx, s.duration)
	defer cancel()
	all := &seen{problems: map[string]int{}}
	var clients sync.WaitGroup
	for i := range s.clients {
		clients.Go(func() {
			c := client{seen: all, url: url, name: i, chance: rand.New(rand.NewPCG(s.seed, uint64(i)+2))}
			c.run(ctx)
		})
	}
	clients.Wait()
	return all
}

// client sends one request after the other.
type client struct {
	seen   *seen
	url    string
	name   int
	chance *rand.Rand
	number int
	http   http.Client
	wrote  atomic.Bool // something of the request has left
}

// wire tells when something is written. The transport's own hook tells too early: when it is in a buffer.
type wire struct {
	net.Conn
	wrote *atomic.Bool
}

func (w wire) Write(p []byte) (int, error) {
	n, err := w.Conn.Write(p)
	if n > 0 {
		w.wrote.Store(true)
	}
	return n, err
}

func (c *client) run(ctx context.Context) {
	var dialer net.Dialer
	transport := &http.Transport{MaxIdleConnsPerHost: 1, DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dialer.DialContext(ctx, network, address)
		return wire{conn, &c.wrote}, err
	}}
	defer transport.CloseIdleConnections()
	c.http.Transport = transport
	for ctx.Err() == nil {
		c.one()
		pause(ctx, time.Duration(c.chance.ExpFloat64()*float64(20*time.Millisecond)))
	}
}

// request makes one at random: idempotent, not so, or with a key that makes it so.
func (c *client) request(ctx context.Context) *http.Request {
	c.number++
	method, path, body := http.MethodGet, "plain", ""
	switch c.chance.IntN(4) {
	case 0:
		method, body = http.MethodPost, "once"
	case 1:
		method, body, path = http.MethodPost, "with a key", "keyed"
	case 2:
		method, body = http.MethodPut, strings.Repeat("again and again ", c.chance.IntN(4000))
	}
	r, _ := http.NewRequestWithContext(ctx, method, c.url+path, strings.NewReader(body)) // the URL is good
	r.Header.Set("X-Number", fmt.Sprintf("%d-%d", c.name, c.number))
	return r
}

// one sends a request, sees how it ends, and goes away before that in one of twenty cases.
func (c *client) one() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	leaves := c.chance.IntN(20) == 0
	if leaves {
		timer := time.AfterFunc(time.Duration(c.chance.IntN(200))*time.Millisecond, cancel)
		defer timer.Stop()
	}
	deadline := time.Duration(200+c.chance.IntN(3000)) * time.Millisecond
	c.wrote.Store(false)
	r := c.request(ctx)
	r.Header.Set("X-Deadline", deadline.String())
	began := time.Now()
	response, err := c.http.Do(r)
	status, code := 0, ""
	if err == nil {
		status, code = response.StatusCode, response.Header.Get("Ambassador-Error")
		_, err = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	}
	beyond := time.Since(began) - deadline
	c.seen.add(r, status, code, err, ctx.Err() != nil, c.wrote.Load(), beyond)
}

func (s *seen) add(r *http.Request, status int, code string, err error, isGone, isSent bool, beyond time.Duration) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if status == 0 && isGone && !isSent {
		s.unsure++
		return
	}
	s.sent++
	s.slowest = max(s.slowest, beyond)
	if beyond > slack {
		s.late = append(s.late, fmt.Sprintf("%s %s: %s", r.Method, r.Header.Get("X-Number"), beyond))
	}
	switch {
	case status > 0:
		s.classes[status/100]++
		s.problems[code]++
		if err != nil {
			s.cut++
		}
	case isGone:
		s.gone++
	default:
		s.lost = append(s.lost, err.Error())
	}
}
