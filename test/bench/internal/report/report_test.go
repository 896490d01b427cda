package report

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

var cell = Cell{TLS: true, Size: 1 << 10, Connections: 32}

// sample has a proxy use so many microseconds for each of 1,000 requests in a second.
func sample(micros int) Sample {
	return Sample{CPU: time.Duration(micros) * 1000 * time.Microsecond, Elapsed: time.Second, Requests: 1000, Bytes: 1000 << 10, P99: time.Duration(micros) * time.Microsecond}
}

func finished(samples map[string][]Sample) *Document {
	d := New([]string{"ambassador", "nginx", "haproxy-http", "reverseproxy"})
	for proxy, each := range samples {
		for _, s := range each {
			d.Add(cell, proxy, s)
		}
	}
	d.Finish()
	return d
}

func TestFiguresAreMediansAndRatiosAgainstTheBetterOfTheTwo(t *testing.T) {
	d := finished(map[string][]Sample{
		"ambassador": {sample(90), sample(30), sample(36)}, "nginx": {sample(50)}, "haproxy-http": {sample(39), sample(41)},
	})
	ours, _ := d.row(cell, "ambassador")
	if ours.CPUPerRequest != 36 || ours.Ratio != 0.9 || ours.RequestsPerSecond != 1000 || ours.Spread < 1.66 || ours.Spread > 1.67 {
		t.Errorf("got %+v", ours)
	}
}

func TestVerdictsTellHeldBarsFromMissedOnes(t *testing.T) {
	d := finished(map[string][]Sample{
		"ambassador": {sample(37)}, "nginx": {sample(50)}, "haproxy-http": {sample(40)}, "reverseproxy": {sample(100)},
	})
	want := map[string]bool{
		"CPU per request, TLS upstream, 1 KiB, 32 connections":                      false, // 0.925
		"p99, TLS upstream, 1 KiB, 32 connections":                                  true,
		"CPU per request against ReverseProxy, TLS upstream, 1 KiB, 32 connections": true,
	}
	if len(d.Verdicts) != len(want) || d.Missed() != 1 {
		t.Errorf("%d verdicts, %d missed", len(d.Verdicts), d.Missed())
	}
	for _, v := range d.Verdicts {
		if held, ok := want[v.Bar]; !ok || held != v.Held {
			t.Errorf("%s: held %t at %.3f", v.Bar, v.Held, v.Figure)
		}
	}
}

func TestMemoryIsHeldAgainstTheBarAndAgainstHAProxy(t *testing.T) {
	d := New(nil)
	d.AddMemory("ambassador", []int64{9e6, 7e6, 1e6}, []int64{11e6}, []int64{61e6})
	d.AddMemory("haproxy-http", []int64{8e6}, []int64{10e6}, []int64{70e6})
	d.Finish()
	var missed []string
	for _, v := range d.Verdicts {
		if !v.Held {
			missed = append(missed, v.Bar)
		}
	}
	want := "resident MB, 32 connections at work, below HAProxy's; resident MB, 5,000 idle connections"
	if got := strings.Join(missed, "; "); got != want {
		t.Errorf("missed: %s", got)
	}
}

func TestWithoutCompetitorsThereIsNoRatioAndNoVerdict(t *testing.T) {
	d := finished(map[string][]Sample{"ambassador": {sample(37)}})
	var text bytes.Buffer
	if err := d.Markdown(&text); err != nil {
		t.Fatal(err)
	}
	if len(d.Verdicts) > 0 || !strings.Contains(text.String(), "| 32 | ambassador | 37.0 | 37000 | - |") {
		t.Errorf("%d verdicts:\n%s", len(d.Verdicts), text.String())
	}
}
