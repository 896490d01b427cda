// Command chaos runs the sidecar between clients that go away and a service of two endpoints that resets connections, waits,
// breaks off, and answers 429, 500 and 503 at random, with every policy in force. It ends with an error when
//
//   - the service has processed a request twice that must not be,
//   - a call took longer than its deadline and the slack,
//   - more calls were retried at one time than the budget has,
//   - the sums of the clients, of the sidecar's metrics and of the service do not agree.
//
// Everything happens on loopback.
//
//	go run ./test/chaos -for 10m
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"time"
)

// settings are the command line's.
type settings struct {
	duration time.Duration
	clients  int
	seed     uint64
}

func main() { os.Exit(run()) }

func run() int {
	var s settings
	flag.DurationVar(&s.duration, "for", 10*time.Minute, "how long, at most 2h")
	flag.IntVar(&s.clients, "clients", 40, "clients at one time, 1 to 256")
	flag.Uint64Var(&s.seed, "seed", rand.Uint64(), "of what happens at random")
	flag.Parse()
	if s.duration < time.Second || s.duration > 2*time.Hour || s.clients < 1 || s.clients > 256 {
		fmt.Fprintln(os.Stderr, "chaos: a flag is out of its range")
		flag.Usage()
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := chaos(ctx, s); err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		return 1
	}
	return 0
}

// chaos runs it all, and judges.
func chaos(ctx context.Context, s settings) error {
	folder, err := os.MkdirTemp("", "chaos")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	fmt.Printf("%d clients for %s, seed %d\n", s.clients, s.duration, s.seed)
	service := newService(s.seed)
	defer service.close()
	car, err := startSidecar(folder, service.urls())
	if err != nil {
		return err
	}
	clients := runClients(ctx, s, car.url)
	figures, err := car.settle()
	if err != nil {
		return err
	}
	if err := car.stop(); err != nil {
		return err
	}
	return report(s, clients, figures, service)
}
