package main_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"syscall"
	"testing"
)

// slowUpstream is a service that begins to answer at once and ends when it is told.
func slowUpstream(t *testing.T) (url string, begun <-chan struct{}, finish func()) {
	t.Helper()
	started, end := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "first ")
		w.(http.Flusher).Flush()
		close(started)
		<-end
		_, _ = io.WriteString(w, "last")
	}))
	t.Cleanup(server.Close)
	return server.URL, started, func() { close(end) }
}

func TestRequestInFlightEndsAfterTheSignal(t *testing.T) {
	for _, signal := range []os.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(signal.String(), func(t *testing.T) {
			service, begun, finish := slowUpstream(t)
			p := newPod(t)
			p.secret("s", map[string]string{"token": "abc"})
			p.serve(p.ambassador(service))
			p.run()
			answers := make(chan answer, 1)
			go func() { answers <- get(t, p.url("/")) }()
			<-begun
			if err := p.process.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			p.eventually("no new client is let in", func() bool { return !listens(p.port) })
			if p.adminStatus("/healthz") != http.StatusOK {
				t.Error("health is not answered while a request is in flight")
			}
			finish()
			if a := <-answers; a.status != http.StatusOK || a.body != "first last" {
				t.Errorf("%d %q", a.status, a.body)
			}
			if code := p.wait(); code != 0 {
				t.Errorf("exit code %d", code)
			}
		})
	}
}

// A document without the ambassador closes its port, and lets the request in flight end.
func TestRequestInFlightOutlivesItsAmbassador(t *testing.T) {
	service, begun, finish := slowUpstream(t)
	p := newPod(t)
	p.secret("s", map[string]string{"token": "abc"})
	leaving := p.ambassador(service)
	staying := leaving
	staying.Name, staying.Port = "staying", freePort(t)
	p.serve(leaving, staying)
	p.run()
	answers := make(chan answer, 1)
	go func() { answers <- get(t, p.url("/")) }()
	<-begun
	p.serve(staying)
	p.eventually("no new client is let in", func() bool { return !listens(p.port) })
	finish()
	if a := <-answers; a.status != http.StatusOK || a.body != "first last" {
		t.Errorf("%d %q", a.status, a.body)
	}
	if !listens(staying.Port) {
		t.Error("the other ambassador's port is closed")
	}
}

// listens reports whether a port accepts connections.
func listens(port int) bool {
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err == nil {
		_ = conn.Close()
	}
	return err == nil
}

func TestIdleClientsDoNotHoldTheEnd(t *testing.T) {
	service := newUpstream(t)
	p := newPod(t)
	p.secret("s", map[string]string{"token": "abc"})
	p.serve(p.ambassador(service.URL))
	p.run()
	get(t, p.url("/")) // the client keeps its connection
	if err := p.process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := p.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestSecondSignalEndsAtOnce(t *testing.T) {
	service, begun, finish := slowUpstream(t)
	defer finish()
	p := newPod(t)
	p.secret("s", map[string]string{"token": "abc"})
	p.serve(p.ambassador(service))
	p.run()
	go func() {
		if response, err := http.Get(p.url("/")); err == nil {
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		}
	}()
	<-begun
	for _, last := range []bool{false, true} {
		if err := p.process.Process.Signal(syscall.SIGTERM); err != nil && !last {
			t.Fatal(err)
		}
		if !last {
			p.eventually("no new client is let in", func() bool { return !listens(p.port) })
		}
	}
	if code := p.wait(); code == 0 {
		t.Error("exit code 0 although a request was cut off")
	}
}
