// Command soak runs the sidecar for a long time at a share of what this machine can carry, with a new credential and a
// new document every second, and ends with an error when a request failed or when the sidecar holds more goroutines,
// descriptors or memory at the end than at the beginning. Everything happens on loopback.
//
//	go run ./test/soak -for 20m -share 0.8
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"time"
)

// settings are the command line's.
type settings struct {
	duration time.Duration
	share    float64
	clients  int
}

func main() { os.Exit(run()) }

func run() int {
	var s settings
	flag.DurationVar(&s.duration, "for", 20*time.Minute, "how long, at most 2h")
	flag.Float64Var(&s.share, "share", 0.8, "share of the capacity that is measured first, 0.05 to 0.95")
	flag.IntVar(&s.clients, "clients", 32, "connections, 1 to 1024")
	flag.Parse()
	if s.duration < time.Second || s.duration > 2*time.Hour || s.share < 0.05 || s.share > 0.95 || s.clients < 1 || s.clients > 1024 {
		fmt.Fprintln(os.Stderr, "soak: a flag is out of its range")
		flag.Usage()
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := soak(ctx, s); err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		return 1
	}
	return 0
}

// soak does it all in a folder of its own.
func soak(ctx context.Context, s settings) error {
	folder, err := os.MkdirTemp("", "soak")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	binary := filepath.Join(folder, "ambassador")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-tags", "nethttpomithttp2", "-ldflags", "-s -w", "-o", binary, "./cmd/ambassador")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building the sidecar: %w\n%s", err, out)
	}
	service := newService()
	defer service.Close()
	car, err := newSidecar(folder, service)
	if err != nil {
		return err
	}
	if err := car.start(ctx, binary); err != nil {
		return err
	}
	defer car.stop()
	return measure(ctx, s, car)
}

// measure finds the capacity, holds the share of it, and judges.
func measure(ctx context.Context, s settings, car *sidecar) error {
	warm := min(10*time.Second, s.duration)
	capacity := newLoad(car.url, s.clients, 0).run(ctx, warm)
	rate := capacity.rate() * s.share
	fmt.Printf("capacity %.0f requests/s; holding %.0f for %s\n", capacity.rate(), rate, s.duration)

	changes, stopChanges := context.WithCancel(ctx)
	defer stopChanges()
	changed := make(chan error, 1)
	go func() { changed <- car.change(changes) }()
	newLoad(car.url, s.clients, rate).run(ctx, warm) // so that all that grows once has grown
	before, err := car.measure()
	if err != nil {
		return err
	}
	result := newLoad(car.url, s.clients, rate).run(ctx, s.duration)
	after, err := car.measure()
	if err != nil {
		return err
	}
	stopChanges()
	if err := <-changed; err != nil {
		return fmt.Errorf("changing files: %w", err)
	}
	return report(capacity, result, before, after, car)
}
