package main_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
)

// load is clients that send one request after the other, each on a connection of its own.
type load struct {
	t        *testing.T
	stop     chan struct{}
	clients  sync.WaitGroup
	requests atomic.Int64
	dials    atomic.Int64
	count    int
}

// startLoad runs clients that ask for url until finish is called. accept judges each answer.
func startLoad(t *testing.T, count int, url string, accept func(answer) error) *load {
	t.Helper()
	l := &load{t: t, stop: make(chan struct{}), count: count}
	for range count {
		l.clients.Go(func() { l.client(url, accept) })
	}
	return l
}

func (l *load) client(url string, accept func(answer) error) {
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		l.dials.Add(1)
		return new(net.Dialer).DialContext(ctx, network, address)
	}}
	defer transport.CloseIdleConnections()
	client := http.Client{Transport: transport}
	for {
		select {
		case <-l.stop:
			return
		default:
		}
		if err := ask(&client, url, accept); err != nil {
			l.t.Error(err)
			return
		}
		l.requests.Add(1)
	}
}

func ask(client *http.Client, url string, accept func(answer) error) error {
	response, err := client.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	return accept(answer{response.StatusCode, response.Header, string(body)})
}

// finish ends the clients, and checks that none lost its connection.
func (l *load) finish() {
	l.t.Helper()
	close(l.stop)
	l.clients.Wait()
	if dials := l.dials.Load(); dials != int64(l.count) {
		l.t.Errorf("%d clients had to connect %d times", l.count, dials)
	}
	l.t.Logf("%d requests", l.requests.Load())
}

func mustBeOK(a answer) error {
	if a.status != http.StatusOK {
		return fmt.Errorf("status %d: %s", a.status, a.body)
	}
	return nil
}
