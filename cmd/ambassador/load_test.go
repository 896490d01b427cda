package main_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// load is clients that send one request after the other, each on one connection that it never makes anew.
type load struct {
	t        *testing.T
	stop     chan struct{}
	clients  sync.WaitGroup
	requests atomic.Int64
}

// startLoad runs clients that ask for address until finish is called. accept judges each answer.
func startLoad(t *testing.T, count int, address string, accept func(answer) error) *load {
	t.Helper()
	at, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	l := &load{t: t, stop: make(chan struct{})}
	for range count {
		l.clients.Go(func() {
			if err := l.client(at, accept); err != nil {
				t.Error(err)
			}
		})
	}
	return l
}

func (l *load) client(at *url.URL, accept func(answer) error) error {
	conn, err := net.Dial("tcp", at.Host)
	if err != nil {
		return err
	}
	defer conn.Close()
	answers := bufio.NewReader(conn)
	for {
		select {
		case <-l.stop:
			return nil
		default:
		}
		_ = conn.SetDeadline(time.Now().Add(patience))
		if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", at.RequestURI(), at.Host); err != nil {
			return err
		}
		if err := read(answers, accept); err != nil {
			return err
		}
		l.requests.Add(1)
	}
}

// read reads an answer after which the connection persists.
func read(answers *bufio.Reader, accept func(answer) error) error {
	response, err := http.ReadResponse(answers, nil)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.Close {
		return errors.New("the connection does not persist")
	}
	return accept(answer{response.StatusCode, response.Header, string(body)})
}

// finish ends the clients.
func (l *load) finish() {
	l.t.Helper()
	close(l.stop)
	l.clients.Wait()
	l.t.Logf("%d requests", l.requests.Load())
}

func mustBeOK(a answer) error {
	if a.status != http.StatusOK {
		return fmt.Errorf("status %d: %s", a.status, a.body)
	}
	return nil
}
