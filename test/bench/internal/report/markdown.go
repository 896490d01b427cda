package report

import (
	"fmt"
	"io"
	"strings"
)

// Markdown writes the tables and verdicts for a reader.
func (d *Document) Markdown(w io.Writer) error {
	var b strings.Builder
	d.writeHead(&b)
	group := ""
	for _, row := range d.Rows {
		if g := row.Group(); g != group {
			group = g
			fmt.Fprintf(&b, "\n### %s\n\n%s", capitalized(g), tableHead)
		}
		writeRow(&b, row)
	}
	d.writeMemory(&b)
	d.writeVerdicts(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

const tableHead = "| conns | proxy | CPU/request µs | CPU ns/KiB | ratio | requests/s | p50 µs | p99 µs | p99.9 µs | MB/s | core busy | spread |\n" +
	"|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n"

func (d *Document) writeHead(b *strings.Builder) {
	fmt.Fprintf(b, "%s, %s. Medians of %d rounds of %v each.\n\n", d.Began.UTC().Format("2006-01-02 15:04 UTC"), d.Machine, d.Rounds, d.Window)
	for _, v := range d.Versions {
		fmt.Fprintf(b, "- %s: %s\n", v.Proxy, v.Version)
	}
}

func writeRow(b *strings.Builder, r Row) {
	ratio := "-"
	if r.Ratio > 0 {
		ratio = fmt.Sprintf("%.2f", r.Ratio)
	}
	fmt.Fprintf(b, "| %d | %s | %.1f | %.0f | %s | %.0f | %.0f | %.0f | %.0f | %.1f | %.0f %% | %.0f %% |\n",
		r.Connections, r.Proxy, r.CPUPerRequest, r.CPUPerKiB, ratio, r.RequestsPerSecond,
		r.P50, r.P99, r.P999, r.BytesPerSecond/1e6, r.Busy*100, r.Spread*100)
}

func (d *Document) writeMemory(b *strings.Builder) {
	if len(d.Memory) == 0 {
		return
	}
	b.WriteString("\n### Resident memory, MB\n\n| proxy | idle | 32 connections at work | 5,000 idle connections |\n|---|---:|---:|---:|\n")
	for _, m := range d.Memory {
		fmt.Fprintf(b, "| %s | %.1f | %.1f | %.1f |\n", m.Proxy, float64(m.Idle)/1e6, float64(m.Loaded)/1e6, float64(m.Crowded)/1e6)
	}
}

func (d *Document) writeVerdicts(b *strings.Builder) {
	if len(d.Verdicts) == 0 {
		return
	}
	b.WriteString("\n### Bars\n\n| bar | figure | limit | held | |\n|---|---:|---:|---|---|\n")
	for _, v := range d.Verdicts {
		held := map[bool]string{true: "yes", false: "**no**"}[v.Held]
		fmt.Fprintf(b, "| %s | %.2f | %.2f | %s | %s |\n", v.Bar, v.Figure, v.Limit, held, v.Note)
	}
	fmt.Fprintf(b, "\n%d of %d bars hold.\n", len(d.Verdicts)-d.Missed(), len(d.Verdicts))
}

func capitalized(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
