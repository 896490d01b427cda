package main_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// A thousand routes that ask for much take less than 10 MB more than a thousand that are only relayed. A program of jq takes
// from 4 kB for a few fields to 30 kB for 700 characters, nearly all of it the interpreter's instructions; routes with the
// same program share it.
func TestAThousandRoutesTakeTenMegabytes(t *testing.T) {
	plain := settled(t, func(int, *config.Route) {})
	for name, add := range map[string]func(int, *config.Route){
		"with policies": func(_ int, r *config.Route) {
			r.Timeouts.Call = config.Duration(time.Minute)
			r.Retry = &config.Retry{Attempts: 3, When: []config.RetryCondition{"502", "503"}}
			r.Cache = &config.CacheRule{DefaultTTL: config.Duration(time.Minute), StaleIfError: config.Duration(time.Hour)}
			r.RequestHeaders.Set = map[string]string{"X-Route": r.Path}
			r.ResponseHeaders.Remove = []string{"Server"}
		},
		"with programs": func(i int, r *config.Route) {
			jq := fmt.Sprintf(`{id: .id, title: .name, year: (.date[:4] | tonumber), from: %d}`, i)
			r.Response = &config.Response{Rules: []config.ResponseRule{{JQ: jq}, {Statuses: []string{"4xx", "5xx"}, JQ: `{error: .message}`}}}
		},
	} {
		more := float64(settled(t, add)-plain) / 1000
		t.Logf("%s: %.1f MB more", name, more)
		if more >= 10 {
			t.Errorf("%s: %.1f MB more", name, more)
		}
	}
}

// settled returns the resident memory in kB of a sidecar with a thousand routes, once what loading took is handed back.
func settled(t *testing.T, add func(int, *config.Route)) (kB int) {
	t.Helper()
	p := newPod(t)
	p.program = shipped
	p.secret("s", map[string]string{"token": "abc"})
	a := p.ambassador("https://localhost:1/v1")
	for i := range 1000 {
		r := config.Route{Path: fmt.Sprintf("/r%d/{id}", i), UpstreamPath: fmt.Sprintf("/s%d/{id}", i)}
		add(i, &r)
		a.Routes = append(a.Routes, r)
	}
	p.serve(a)
	p.run()
	kB = math.MaxInt
	until := time.Now().Add(3 * time.Second)
	p.eventually("its memory is settled", func() bool {
		kB = min(kB, p.resident())
		return time.Now().After(until)
	})
	return kB
}
