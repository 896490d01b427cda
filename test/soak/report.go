package main

import (
	"errors"
	"fmt"
	"time"
)

// What the sidecar may hold more at the end than at the beginning: the ends of a scrape's connection, and what the
// collector has not returned yet.
const (
	moreGoroutines  = 4
	moreDescriptors = 4
	moreMemory      = 4 << 20
)

// report prints what was seen, and judges it.
func report(capacity, r *result, before, after figures, car *sidecar) error {
	fmt.Printf("requests %d (%.0f/s), failed %d, slowest %s\n", r.requests, r.rate(), r.failed, r.slowest[len(r.slowest)-1].Round(time.Millisecond))
	fmt.Printf("documents loaded %.0f, credentials refused by the service %d\n", after.reloads-before.reloads, car.service.refused.Load())
	fmt.Printf("goroutines %.0f -> %.0f, descriptors %.0f -> %.0f, memory %.1f -> %.1f MB\n",
		before.goroutines, after.goroutines, before.descriptors, after.descriptors, before.memory/1e6, after.memory/1e6)
	var wrong []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			wrong = append(wrong, fmt.Errorf(format, args...))
		}
	}
	failed := capacity.failed + r.failed
	check(failed == 0, "%d requests failed, such as: %v\n%s", failed, append(capacity.errors, r.errors...), car.tail())
	check(r.requests > 0, "no request was sent")
	check(after.reloads > before.reloads, "no document was loaded")
	check(after.goroutines <= before.goroutines+moreGoroutines, "goroutines have grown")
	check(after.descriptors <= before.descriptors+moreDescriptors, "descriptors have grown")
	check(after.memory <= before.memory+moreMemory, "memory has grown")
	return errors.Join(wrong...)
}
