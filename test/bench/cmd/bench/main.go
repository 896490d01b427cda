// Command bench compares this project's sidecar with the proxies that one would otherwise put in its place: nginx,
// HAProxy, Caddy and Go's own ReverseProxy, all doing the same work on the same requests, on one core each, in turns.
// docs/benchmarks.md says how and why; -h lists the flags.
//
// It exits with 1 when an answer was wrong or something did not run, and with -strict also when a bar was missed.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/ambassador-operator/ambassador-operator/test/bench/internal/report"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	o, err := parse(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 2
	}
	missed, err := bench(ctx, o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	if o.strict && missed > 0 {
		return 1
	}
	return 0
}

// bench does what the options ask for and reports how many bars were missed.
func bench(ctx context.Context, o *options) (missed int, err error) {
	signal.Ignore(syscall.SIGPIPE) // a reader that leaves early must not keep the proxies from being stopped
	runtime.LockOSThread()         // the proxies end with the thread that started them
	if err := pin(o.loadCore); err != nil {
		return 0, err
	}
	r, err := newRunner(o)
	if err != nil {
		return 0, err
	}
	defer r.close()
	if o.profile != "" {
		return 0, r.profile(ctx)
	}
	if err := r.compare(ctx); err != nil {
		return 0, err
	}
	if err := r.weigh(ctx); err != nil {
		return 0, err
	}
	r.document.Finish()
	return r.document.Missed(), write(o, r.document)
}

func write(o *options, d *report.Document) error {
	if err := d.Markdown(os.Stdout); err != nil || o.json == "" {
		return err
	}
	file, err := os.Create(o.json)
	if err != nil {
		return err
	}
	defer file.Close()
	return d.JSON(file)
}

// pin keeps every thread of this process, and so all that they start later, on one core.
func pin(core int) error {
	var set unix.CPUSet
	set.Set(core)
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return err
	}
	for _, thread := range threads {
		var id int
		if _, err := fmt.Sscan(thread.Name(), &id); err != nil {
			return err
		}
		if err := unix.SchedSetaffinity(id, &set); err != nil {
			return fmt.Errorf("moving to core %d: %w", core, err)
		}
	}
	return nil
}
