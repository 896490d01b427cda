// Command conformance runs the public tests for HTTP caches (http-tests/cache-tests, the package http-cache-tests of npm)
// against the sidecar and against nginx's proxy_cache in one run, and fails where the sidecar fails a required one.
//
//	go run ./test/conformance -sidecar bin/ambassador -into docs/caching.md
//
// All of it is on loopback. The tests' service and client are run by node, with the package in this folder's node_modules.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
)

func main() { os.Exit(run()) }

func run() int {
	sidecar := flag.String("sidecar", "bin/ambassador", "the sidecar's program file")
	scripts := flag.String("scripts", "test/conformance", "the folder of the scripts and of node_modules")
	into := flag.String("into", "", "the file whose table is written anew; none: standard output")
	details := flag.Bool("details", false, "list each test of which the two differ, or that the sidecar does not pass")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := conform(ctx, *sidecar, *scripts, *into, *details); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		return 1
	}
	return 0
}

var errRequired = errors.New("the sidecar fails tests of what is required")

// conform does it all in a folder of its own.
func conform(ctx context.Context, sidecar, scripts, into string, details bool) error {
	folder, err := os.MkdirTemp("", "conformance")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	if sidecar, err = filepath.Abs(sidecar); err != nil {
		return err
	}
	caches, err := startCaches(ctx, folder, sidecar, scripts)
	if err != nil {
		return err
	}
	defer caches.stop()
	ours, err := caches.test(ctx, caches.Sidecar)
	if err != nil {
		return fmt.Errorf("testing the sidecar: %w", err)
	}
	nginx, err := caches.test(ctx, caches.Nginx)
	if err != nil {
		return fmt.Errorf("testing nginx: %w", err)
	}
	if err := write(into, table(ours, nginx)); err != nil {
		return err
	}
	if details {
		list(ours, nginx)
	}
	if failed := failures(ours); len(failed) > 0 {
		return fmt.Errorf("%w: %q", errRequired, failed)
	}
	return nil
}
