package main_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

func TestStatusShowsWhatIsServed(t *testing.T) {
	service := newUpstream(t)
	p := newPod(t)
	p.secret("s", map[string]string{"token": "abc"})
	a := p.ambassador(service.URL + "/3")
	a.Routes = []config.Route{{Path: "/movies"}, {Path: "/movie/{id}"}}
	p.serve(a)
	p.run()
	get(t, p.url("/movies"))
	for _, row := range []struct {
		want any
		path []any
	}{
		{"v0.0.0-test", []any{"version"}},
		{"service", []any{"ambassadors", 0, "name"}},
		{service.URL + "/3", []any{"ambassadors", 0, "upstream"}},
		{fmt.Sprintf("127.0.0.1:%d", p.port), []any{"ambassadors", 0, "listeners", 0}},
		{"/movies", []any{"ambassadors", 0, "routes", 0}},
		{"/movie/{id}", []any{"ambassadors", 0, "routes", 1}},
		{1.0, []any{"ambassadors", 0, "idleConnections"}},
		{"authorization", []any{"ambassadors", 0, "credentials", "fields", 0}},
	} {
		p.eventually(fmt.Sprint(row.path), func() bool { return p.status(row.path...) == row.want })
	}
	for _, path := range [][]any{{"started"}, {"document", "loaded"}, {"ambassadors", 0, "credentials", "loaded"}} {
		at, err := time.Parse(time.RFC3339Nano, p.status(path...).(string))
		if err != nil || time.Since(at) > time.Minute {
			t.Errorf("%v: %v %v", path, at, err)
		}
	}
}

func TestMetricsNameWhatTheSidecarDoes(t *testing.T) {
	service := newUpstream(t)
	p := newPod(t)
	p.secret("s", map[string]string{"token": "abc"})
	p.serve(p.ambassador(service.URL))
	p.run()
	get(t, p.url("/"))
	for _, name := range []string{
		`ambassador_build_info{version="v0.0.0-test"}`,
		`ambassador_requests_total{ambassador="service",route="/",method="GET",code="2xx"}`,
		`ambassador_request_duration_seconds_bucket{ambassador="service",route="/",le="+Inf"}`,
		`ambassador_upstream_connects_total{ambassador="service"}`,
		`ambassador_credential_loads_total{ambassador="service",result="changed"}`,
		`ambassador_credential_age_seconds{ambassador="service"}`,
		fmt.Sprintf("ambassador_connections_open{port=%q}", fmt.Sprint(p.port)),
		`ambassador_document_loads_total{result="changed"}`,
		`ambassador_document_valid`, `go_goroutines`, `process_open_fds`,
	} {
		p.eventually(name, func() bool { return p.metric(name) >= 0 })
	}
}

// metric returns a metric's value, or -1 where there is none.
func (p *pod) metric(name string) float64 {
	p.t.Helper()
	lines := strings.Split(p.adminPage("/metrics"), "\n")
	at := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, name+" ") })
	if at < 0 {
		return -1
	}
	value, err := strconv.ParseFloat(strings.TrimPrefix(lines[at], name+" "), 64)
	if err != nil {
		p.t.Fatal(err)
	}
	return value
}

// The figures of a machine that does nothing else are in the benchmarks' documentation; these bounds catch what costs
// another megabyte or two.
func TestMemoryStaysSmall(t *testing.T) {
	service := newUpstream(t)
	p := newPod(t)
	p.program = shipped
	p.secret("s", map[string]string{"token": "abc"})
	p.serve(p.ambassador(service.URL))
	p.run()
	idle := 0.0
	p.eventually("what only the start needed is handed back", func() bool {
		idle = p.metric("process_resident_memory_bytes") / 1e6
		return idle < 10
	})
	clients := startLoad(t, 32, p.url("/"), mustBeOK)
	p.eventually("10,000 requests are answered", func() bool { return clients.requests.Load() > 10000 })
	loaded := p.metric("process_resident_memory_bytes") / 1e6
	clients.finish()
	t.Logf("idle %.1f MB, with 32 connections %.1f MB", idle, loaded)
	if loaded > 14 {
		t.Errorf("idle %.1f MB, with 32 connections %.1f MB", idle, loaded)
	}
}
