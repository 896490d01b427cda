package proxy

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"
)

const (
	startLimit = 20 * time.Second
	stopLimit  = 5 * time.Second
)

// Running is a proxy that accepts connections.
type Running struct {
	Name      string
	PlainPort int // leads to the upstream without TLS
	TLSPort   int // leads to the upstream with TLS
	command   *exec.Cmd
	log       string
	exited    chan struct{}
	pids      []int
}

// Start runs a proxy and waits until both of its ports accept connections.
func Start(name string, s Setup) (*Running, error) {
	s.Dir = filepath.Join(s.Dir, name)
	if err := os.MkdirAll(s.Dir, 0o755); err != nil {
		return nil, err
	}
	v, err := newValues(s)
	if err != nil {
		return nil, err
	}
	args, err := v.command(name)
	if err != nil {
		return nil, err
	}
	r := &Running{Name: name, PlainPort: v.PlainPort, TLSPort: v.TLSPort, log: filepath.Join(s.Dir, "log"), exited: make(chan struct{})}
	if err := r.launch(s, args); err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	if err := r.await(); err != nil {
		return nil, errors.Join(err, r.Stop())
	}
	return r, nil
}

// launch starts the program on its core. Should the benchmark die, the kernel ends it.
func (r *Running) launch(s Setup, args []string) error {
	log, err := os.Create(r.log)
	if err != nil {
		return err
	}
	defer log.Close()
	r.command = exec.Command("taskset", append([]string{"-c", strconv.Itoa(s.Core)}, args...)...)
	r.command.Stdout, r.command.Stderr = log, log
	r.command.Env = append(os.Environ(), "HOME="+s.Dir, "XDG_DATA_HOME="+s.Dir, "XDG_CONFIG_HOME="+s.Dir)
	r.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM, Setpgid: true}
	if err := r.command.Start(); err != nil {
		return err
	}
	go func() {
		_ = r.command.Wait()
		close(r.exited)
	}()
	return nil
}

// await polls both ports until they answer.
func (r *Running) await() error {
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(startLimit)
	for !accepts(r.PlainPort) || !accepts(r.TLSPort) {
		select {
		case <-ticker.C:
		case <-r.exited:
			return fmt.Errorf("%s ended at once: %s", r.Name, r.Log())
		case <-deadline:
			return fmt.Errorf("%s does not accept connections after %v: %s", r.Name, startLimit, r.Log())
		}
	}
	return r.Refresh()
}

// Refresh learns anew which processes the proxy consists of: some listen before they start their workers.
func (r *Running) Refresh() (err error) {
	r.pids, err = family(r.command.Process.Pid)
	return err
}

func accepts(port int) bool {
	conn, err := net.DialTimeout("tcp4", loopback(port), time.Second)
	if err != nil {
		return false
	}
	return conn.Close() == nil
}

// Pids are the proxy's processes, the one that was started first.
func (r *Running) Pids() []int { return slices.Clone(r.pids) }

// Log is the end of what the proxy has written to its standard output and error.
func (r *Running) Log() string {
	text, _ := os.ReadFile(r.log)
	return string(text[max(0, len(text)-1500):])
}

// Stop ends the proxy and waits for it.
func (r *Running) Stop() error {
	_ = r.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-r.exited:
		return nil
	case <-time.After(stopLimit):
	}
	for _, pid := range r.pids {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	<-r.exited
	return nil
}

// freePorts finds n free loopback ports below the range that the kernel gives to outgoing connections.
func freePorts(n int) ([]int, error) {
	ports := make([]int, 0, n)
	for range 1000 {
		port := 12000 + rand.IntN(20000)
		listener, err := net.Listen("tcp", loopback(port))
		if err != nil || slices.Contains(ports, port) {
			continue
		}
		_ = listener.Close()
		if ports = append(ports, port); len(ports) == n {
			return ports, nil
		}
	}
	return make([]int, n), errors.New("no free ports between 12000 and 32000")
}
