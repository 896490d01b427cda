package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/ambassador-operator/ambassador-operator/test/freeport"
)

// process is the operator's program.
type process struct {
	command *exec.Cmd
	folder  string
}

// startOperator runs the program as it is shipped, without leader election, and waits until its cache is filled.
func (b *bench) startOperator(ctx context.Context, kubeconfig []byte) (*process, error) {
	folder, err := os.MkdirTemp("", "bench-operator-")
	if err != nil {
		return nil, err
	}
	access := filepath.Join(folder, "kubeconfig")
	if err := os.WriteFile(access, kubeconfig, 0o600); err != nil {
		return nil, err
	}
	health, err := freeAddress()
	if err != nil {
		return nil, err
	}
	command := exec.Command(b.manager, "--kubeconfig="+access, "--sidecar-image="+sidecarImage, "--namespaces="+operatorNamespace,
		"--metrics-bind-address=0", "--health-probe-bind-address="+health, "--resync="+b.resync.String(), "--concurrency="+strconv.Itoa(b.concurrency),
		fmt.Sprintf("--kube-api-qps=%g", b.qps), fmt.Sprintf("--kube-api-burst=%d", b.burst))
	log, err := os.Create(filepath.Join(folder, "log"))
	if err != nil {
		return nil, err
	}
	defer log.Close() //nolint:errcheck // the process has its own handle
	command.Stderr = log
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("starting the operator: %w", err)
	}
	p := &process{command: command, folder: folder}
	if err := ready(ctx, "http://"+health+"/readyz"); err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

func freeAddress() (string, error) {
	port, err := freeport.Get()
	return fmt.Sprintf("127.0.0.1:%d", port), err
}

func ready(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for tick := time.Tick(200 * time.Millisecond); ; {
		if response, err := http.Get(url); err == nil {
			response.Body.Close() //nolint:errcheck // only the status counts
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-tick:
		case <-ctx.Done():
			return errors.New("the operator does not become ready; see its log in " + os.TempDir())
		}
	}
}

// stop ends the process, and removes its folder where it ends well.
func (p *process) stop() {
	_ = p.command.Process.Signal(syscall.SIGTERM)
	if p.command.Wait() == nil {
		_ = os.RemoveAll(p.folder)
	}
}

// memory is the resident memory in bytes, as the kernel counts it.
func (p *process) memory() (int64, error) {
	file, err := os.Open(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("reading the operator's memory: %w", err)
	}
	defer file.Close() //nolint:errcheck // only read
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if rest, found := strings.CutPrefix(lines.Text(), "VmRSS:"); found {
			kibibytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kibibytes << 10, err
		}
	}
	return 0, errors.New("the operator's memory is not told")
}
