package main_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
	"github.com/ambassador-operator/ambassador-operator/test/freeport"
	"github.com/ambassador-operator/ambassador-operator/test/volume"
)

// patience bounds every wait of these tests.
const patience = 20 * time.Second

// pod is a sidecar's surroundings: its files as the kubelet writes them, its ports, its process.
type pod struct {
	t         *testing.T
	folder    string
	document  *volume.Volume
	secrets   map[string]*volume.Volume
	port      int
	admin     string
	program   string
	process   *exec.Cmd
	log       lockedBuffer
	exited    chan struct{}
	exitError error
}

// lockedBuffer is a buffer that a process writes and a test reads.
type lockedBuffer struct {
	mutex sync.Mutex
	bytes bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.bytes.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.bytes.String()
}

func newPod(t *testing.T) *pod {
	t.Helper()
	p := &pod{t: t, folder: t.TempDir(), program: binary, secrets: map[string]*volume.Volume{}, port: freePort(t)}
	p.admin = fmt.Sprintf("127.0.0.1:%d", freePort(t))
	var err error
	if p.document, err = volume.New(filepath.Join(p.folder, "config")); err != nil {
		t.Fatal(err)
	}
	return p
}

// freePort returns a port that nobody listens on.
func freePort(t *testing.T) int {
	t.Helper()
	port, err := freeport.Get()
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// configure writes the document's file.
func (p *pod) configure(text string) {
	p.t.Helper()
	if err := p.document.Write(map[string]string{"ambassador.json": text}); err != nil {
		p.t.Fatal(err)
	}
}

// serve writes a document with these ambassadors.
func (p *pod) serve(ambassadors ...config.Ambassador) {
	p.t.Helper()
	document := config.Document{Version: config.Version, Ambassadors: ambassadors}
	data, err := document.Encode()
	if err != nil {
		p.t.Fatal(err)
	}
	p.configure(string(data))
}

// ambassador returns one on the pod's port with a bearer token from the Secret "s".
func (p *pod) ambassador(upstream string) config.Ambassador {
	return config.Ambassador{
		Name: "service", Port: p.port, Upstream: config.Upstream{URL: upstream},
		Credentials: []config.Credential{{Secret: "s", Bearer: &config.BearerCredential{Key: "token"}}},
	}
}

// secret writes all keys of a Secret in one step.
func (p *pod) secret(name string, keys map[string]string) {
	p.t.Helper()
	if p.secrets[name] == nil {
		var err error
		if p.secrets[name], err = volume.New(filepath.Join(p.folder, "credentials", name)); err != nil {
			p.t.Fatal(err)
		}
	}
	if err := p.secrets[name].Write(keys); err != nil {
		p.t.Fatal(err)
	}
}

// start runs the sidecar. It is ended with the test.
func (p *pod) start() {
	p.t.Helper()
	p.process = exec.Command(p.program, "--config", filepath.Join(p.folder, "config", "ambassador.json"),
		"--credentials", filepath.Join(p.folder, "credentials"), "--admin", p.admin, "--grace", "10s")
	p.process.Stderr = &p.log
	if err := p.process.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.exited = make(chan struct{})
	go func() {
		p.exitError = p.process.Wait()
		close(p.exited)
	}()
	p.t.Cleanup(func() {
		_ = p.process.Process.Kill()
		<-p.exited
		if strings.Contains(p.log.String(), "DATA RACE") {
			p.t.Error("the race detector has found something")
		}
		if p.t.Failed() {
			p.t.Logf("log of the sidecar:\n%s", p.log.String())
		}
	})
}

// run is start, and a wait until it serves.
func (p *pod) run() {
	p.t.Helper()
	p.start()
	p.eventually("it serves", func() bool { return p.adminStatus("/healthz") == http.StatusOK })
}

// wait waits for the process to end, and returns its exit code.
func (p *pod) wait() int {
	p.t.Helper()
	select {
	case <-p.exited:
		return p.process.ProcessState.ExitCode()
	case <-time.After(patience):
		p.t.Fatal("the process does not end")
		return 0
	}
}

// eventually waits until something holds.
func (p *pod) eventually(what string, holds func() bool) {
	p.t.Helper()
	limit := time.Now().Add(patience)
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for !holds() {
		if time.Now().After(limit) {
			p.t.Fatalf("does not come true: %s", what)
		}
		<-ticker.C
	}
}

// url returns the address of a path on the pod's port.
func (p *pod) url(path string) string { return fmt.Sprintf("http://127.0.0.1:%d%s", p.port, path) }
