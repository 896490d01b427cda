package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"k8s.io/client-go/kubernetes"
)

// countWrites waits, and returns how many writes to anything that the operator may write the API server served meanwhile.
// Nobody else writes these: there is no controller and no kubelet.
func (b *bench) countWrites(ctx context.Context) (int, error) {
	settle := time.NewTimer(10 * time.Second)
	defer settle.Stop()
	select {
	case <-settle.C:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	before, err := b.writes(ctx)
	if err != nil {
		return 0, err
	}
	over := time.NewTimer(b.quiet)
	defer over.Stop()
	select {
	case <-over.C:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	after, err := b.writes(ctx)
	return after - before, err
}

// ours are the resources that the operator may write.
var ours = []string{"ambassadors", "deployments", "configmaps", "pods", "events"}

// served is how many requests of a kind the API server served, and for how long in all.
type served struct {
	count   int
	seconds float64
}

// request is a kind of request.
type request struct{ verb, resource, subresource string }

// isWrite reports whether requests of the kind change something.
func (r request) isWrite() bool {
	return slices.Contains([]string{"POST", "PUT", "PATCH", "APPLY", "DELETE", "DELETECOLLECTION"}, r.verb)
}

// writes counts what was written so far.
func (b *bench) writes(ctx context.Context) (int, error) {
	all, err := b.requests(ctx)
	total := 0
	for kind, served := range all {
		if kind.isWrite() {
			total += served.count
		}
	}
	return total, err
}

var label = regexp.MustCompile(`(\w+)="([^"]*)"`)

// requests reads the API server's own count of requests for our resources.
func (b *bench) requests(ctx context.Context) (map[request]served, error) {
	kube, err := kubernetes.NewForConfig(b.server)
	if err != nil {
		return nil, err
	}
	text, err := kube.RESTClient().Get().AbsPath("/metrics").DoRaw(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the API server's metrics: %w", err)
	}
	all := map[request]served{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		name, rest, _ := strings.Cut(lines.Text(), "{")
		labels, number, _ := strings.Cut(rest, "} ")
		isSum, isCount := name == "apiserver_request_duration_seconds_sum", name == "apiserver_request_duration_seconds_count"
		if !isSum && !isCount {
			continue
		}
		values := map[string]string{}
		for _, pair := range label.FindAllStringSubmatch(labels, -1) {
			values[pair[1]] = pair[2]
		}
		value, err := strconv.ParseFloat(number, 64)
		if err != nil {
			return nil, fmt.Errorf("reading the API server's metrics: %w", err)
		}
		if !slices.Contains(ours, values["resource"]) {
			continue
		}
		kind := request{values["verb"], values["resource"], values["subresource"]}
		total := all[kind]
		if isSum {
			total.seconds += value
		} else {
			total.count += int(value)
		}
		all[kind] = total
	}
	return all, lines.Err()
}

// printRequests lists what was served between two counts.
func printRequests(before, after map[request]served) {
	kinds := slices.SortedFunc(maps.Keys(after), func(a, b request) int {
		return cmp.Or(cmp.Compare(a.verb, b.verb), cmp.Compare(a.resource, b.resource), cmp.Compare(a.subresource, b.subresource))
	})
	for _, kind := range kinds {
		count, seconds := after[kind].count-before[kind].count, after[kind].seconds-before[kind].seconds
		if count > 0 && kind.verb != "WATCH" {
			fmt.Printf("  %-6s %s %-7s %6d requests, %.1f ms each\n", kind.verb, kind.resource, kind.subresource, count, 1000*seconds/float64(count))
		}
	}
}
