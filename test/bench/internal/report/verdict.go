package report

import "fmt"

// The bars that the sidecar is held to.
const (
	barSmallTLS     = 0.90 // CPU per request against the better of nginx and HAProxy
	barSmallPlain   = 1.00
	barBulk         = 1.00 // CPU per byte, the same
	barLatency      = 1.00 // p99 at 32 connections, the same
	barReverseProxy = 0.40 // CPU per request against the tuned ReverseProxy
	barHit          = 0.50 // CPU of an answer from the cache against that of a relayed one
	barHits         = 1.00 // requests/s of nginx's cache against those of the sidecar's
	barIdle         = 8e6  // resident bytes
	barLoaded       = 12e6
	barCrowded      = 60e6

	small      = 1 << 10
	bulk       = 64 << 10 // and larger
	fewClients = 32

	subject = "ambassador"
)

// Verdict is one bar and how it stands.
type Verdict struct {
	Bar    string  `json:"bar"`
	Figure float64 `json:"figure"`
	Limit  float64 `json:"limit"`
	Held   bool    `json:"held"`
	Note   string  `json:"note"`
}

// Missed counts the bars that do not hold.
func (d *Document) Missed() (n int) {
	for _, v := range d.Verdicts {
		if !v.Held {
			n++
		}
	}
	return n
}

func (d *Document) judge() {
	for _, row := range d.Rows {
		if row.Proxy == subject {
			d.judgeCPU(row)
			d.judgeLatency(row)
			d.judgeReverseProxy(row)
			d.judgeHit(row)
		}
	}
	d.judgeMemory()
}

func (d *Document) judgeCPU(row Row) {
	best, ok := d.better(row.Cell, func(f Figures) float64 { return f.CPUPerRequest })
	if !ok {
		return
	}
	note := fmt.Sprintf("%.1f µs, %s %.1f µs", row.CPUPerRequest, best.Proxy, best.CPUPerRequest)
	switch {
	case row.Size >= bulk:
		note = fmt.Sprintf("%.0f ns/KiB, %s %.0f ns/KiB", row.CPUPerKiB, best.Proxy, best.CPUPerKiB)
		d.rule("CPU per byte, "+row.Cell.String(), row.Ratio, barBulk, note)
	case row.Size == small && row.Connections == fewClients && row.TLS:
		d.rule("CPU per request, "+row.Cell.String(), row.Ratio, barSmallTLS, note)
	case row.Size == small && row.Connections == fewClients:
		d.rule("CPU per request, "+row.Cell.String(), row.Ratio, barSmallPlain, note)
	}
}

func (d *Document) judgeLatency(row Row) {
	best, ok := d.better(row.Cell, func(f Figures) float64 { return f.P99 })
	if !ok || row.Connections != fewClients {
		return
	}
	note := fmt.Sprintf("%.0f µs, %s %.0f µs", row.P99, best.Proxy, best.P99)
	d.rule("p99, "+row.Cell.String(), row.P99/best.P99, barLatency, note)
}

func (d *Document) judgeReverseProxy(row Row) {
	other, ok := d.row(row.Cell, "reverseproxy")
	if !ok || row.Size != small || row.Connections != fewClients {
		return
	}
	note := fmt.Sprintf("%.1f µs, ReverseProxy %.1f µs", row.CPUPerRequest, other.CPUPerRequest)
	d.rule("CPU per request against ReverseProxy, "+row.Cell.String(), row.CPUPerRequest/other.CPUPerRequest, barReverseProxy, note)
}

func (d *Document) judgeHit(row Row) {
	hit, ok := d.row(row.Cell, "ambassador-cached")
	if !ok || row.Size != small || row.Connections != fewClients {
		return
	}
	note := fmt.Sprintf("%.1f µs, relayed %.1f µs", hit.CPUPerRequest, row.CPUPerRequest)
	d.rule("CPU per hit against a relayed request, "+row.Cell.String(), hit.CPUPerRequest/row.CPUPerRequest, barHit, note)
	if nginx, ok := d.row(row.Cell, "nginx-cached"); ok {
		note = fmt.Sprintf("%.0f, nginx %.0f", hit.RequestsPerSecond, nginx.RequestsPerSecond)
		d.rule("requests/s from nginx's cache against the sidecar's, "+row.Cell.String(), nginx.RequestsPerSecond/hit.RequestsPerSecond, barHits, note)
	}
}

func (d *Document) judgeMemory() {
	ours, ok := d.memory(subject)
	if !ok {
		return
	}
	theirs, compared := d.memory("haproxy-http")
	each := func(what string, ours, theirs int64, limit float64) {
		d.rule("resident MB, "+what, float64(ours)/1e6, limit/1e6, "")
		if compared {
			d.rule("resident MB, "+what+", below HAProxy's", float64(ours)/1e6, float64(theirs)/1e6, "")
		}
	}
	each("idle", ours.Idle, theirs.Idle, barIdle)
	each("32 connections at work", ours.Loaded, theirs.Loaded, barLoaded)
	each("5,000 idle connections", ours.Crowded, theirs.Crowded, barCrowded)
}

func (d *Document) memory(proxy string) (Memory, bool) {
	for _, m := range d.Memory {
		if m.Proxy == proxy {
			return m, true
		}
	}
	return Memory{}, false
}

func (d *Document) rule(bar string, figure, limit float64, note string) {
	d.Verdicts = append(d.Verdicts, Verdict{Bar: bar, Figure: figure, Limit: limit, Held: figure <= limit, Note: note})
}
