package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ambassador-operator/ambassador-operator/test/bench/internal/proxy"
	"github.com/ambassador-operator/ambassador-operator/test/bench/internal/report"
)

// profile shows for one proxy in each cell which system calls a request takes and where its time goes. It needs perf.
func (r *runner) profile(ctx context.Context) error {
	running, err := r.start(r.options.profile)
	if err != nil {
		return err
	}
	for _, cell := range r.options.cells {
		if err := ctx.Err(); err != nil {
			return err
		}
		fmt.Printf("## %s: %v\n\n", running.Name, cell)
		if err := r.countCalls(ctx, cell, running); err != nil {
			return err
		}
		if err := r.sampleStacks(ctx, cell, running); err != nil {
			return err
		}
	}
	return nil
}

// beside runs a perf command on the proxy while it serves, and returns what the clients counted in the same time.
func (r *runner) beside(ctx context.Context, cell report.Cell, running *proxy.Running, args ...string) (report.Sample, []byte, error) {
	var pids []string
	for _, pid := range running.Pids() {
		pids = append(pids, strconv.Itoa(pid))
	}
	args = append(args, "-p", strings.Join(pids, ","), "--", "sleep", strconv.FormatFloat(r.options.window.Seconds(), 'f', 2, 64))
	command := exec.CommandContext(ctx, "perf", args...)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	started := false
	start := func() error {
		if started {
			return nil
		}
		started = true
		return command.Start()
	}
	sample, err := r.measure(cell, running, r.options.window+500*time.Millisecond, start)
	if err != nil {
		return sample, nil, err
	}
	if err := command.Wait(); err != nil {
		return sample, nil, fmt.Errorf("perf: %w: %s", err, output.Bytes())
	}
	return sample, output.Bytes(), nil
}

// countCalls prints system calls a request, the most frequent first.
func (r *runner) countCalls(ctx context.Context, cell report.Cell, running *proxy.Running) error {
	sample, output, err := r.beside(ctx, cell, running, "stat", "-x", ";", "-e", "syscalls:sys_enter_*")
	if err != nil {
		return err
	}
	type call struct {
		name  string
		count float64
	}
	var calls []call
	for lines := bufio.NewScanner(bytes.NewReader(output)); lines.Scan(); {
		fields := strings.Split(lines.Text(), ";")
		if len(fields) < 3 {
			continue
		}
		if count, err := strconv.ParseFloat(fields[0], 64); err == nil && count > 0 {
			calls = append(calls, call{strings.TrimPrefix(fields[2], "syscalls:sys_enter_"), count})
		}
	}
	slices.SortFunc(calls, func(a, b call) int { return int(b.count - a.count) })
	requests := float64(sample.Bytes) / float64(cell.Size) * r.options.window.Seconds() / sample.Elapsed.Seconds()
	fmt.Printf("%.0f requests/s; system calls a request:\n", requests/r.options.window.Seconds())
	for _, c := range calls {
		if c.count/requests >= 0.001 {
			fmt.Printf("  %-20s %.3f\n", c.name, c.count/requests)
		}
	}
	return nil
}

// sampleStacks prints the functions that the proxy's time goes to, and keeps perf's data for a closer look.
func (r *runner) sampleStacks(ctx context.Context, cell report.Cell, running *proxy.Running) error {
	upstream := map[bool]string{true: "tls", false: "plain"}[cell.TLS]
	data := filepath.Join(os.TempDir(), fmt.Sprintf("perf-%s-%s-%d-%d.data", running.Name, upstream, cell.Size, cell.Connections))
	if _, _, err := r.beside(ctx, cell, running, "record", "-q", "-e", "cpu-clock", "-F", "1999", "-g", "-o", data); err != nil {
		return err
	}
	out, err := exec.CommandContext(ctx, "perf", "report", "-i", data, "--stdio", "--no-children", "-g", "none",
		"--percent-limit", "0.4", "--sort", "dso,symbol").CombinedOutput()
	if err != nil {
		return fmt.Errorf("perf report: %w: %s", err, out)
	}
	fmt.Printf("\ntime by function (perf report -i %s):\n", data)
	for line := range strings.Lines(string(out)) {
		if text := strings.TrimSpace(line); text != "" && !strings.HasPrefix(text, "#") {
			fmt.Println("  " + text)
		}
	}
	return nil
}
