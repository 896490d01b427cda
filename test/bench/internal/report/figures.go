package report

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Cell is one situation in which the proxies are compared.
type Cell struct {
	TLS         bool `json:"tls"`         // the upstream speaks TLS 1.3
	Size        int  `json:"bodyBytes"`   // of each answer's body
	Connections int  `json:"connections"` // of clients
}

// String names the cell as in "TLS upstream, 1 KiB, 32 connections".
func (c Cell) String() string {
	return fmt.Sprintf("%s, %d connection%s", c.Group(), c.Connections, map[bool]string{false: "s"}[c.Connections == 1])
}

// Group names what the cells of one table have in common.
func (c Cell) Group() string {
	return map[bool]string{true: "TLS", false: "plain"}[c.TLS] + " upstream, " + Size(c.Size)
}

// Size spells a number of bytes in the largest unit that divides it.
func Size(n int) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 1<<10 && n%(1<<10) == 0:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d B", n)
}

// Sample is what one proxy did in one window.
type Sample struct {
	CPU            time.Duration // of the proxy's processes
	Elapsed        time.Duration
	Requests       int64
	Bytes          int64 // of bodies that reached the clients
	P50, P99, P999 time.Duration
}

// Figures are the medians of a proxy's samples in one cell.
type Figures struct {
	// CPUPerRequest is in microseconds. It is counted by body bytes, so that answers that were not complete at the end of a
	// window count by their share.
	CPUPerRequest float64 `json:"cpuMicrosPerRequest"`
	// CPUPerKiB is in nanoseconds.
	CPUPerKiB float64 `json:"cpuNanosPerKiB"`
	// Spread is how far the rounds' CPU per request lie apart: (largest - smallest) / median.
	Spread float64 `json:"cpuSpread"`
	// Busy is the share of its core that the proxy used, 0 to 1.
	Busy              float64 `json:"busy"`
	RequestsPerSecond float64 `json:"requestsPerSecond"`
	BytesPerSecond    float64 `json:"bytesPerSecond"`
	P50               float64 `json:"p50Micros"`
	P99               float64 `json:"p99Micros"`
	P999              float64 `json:"p999Micros"`
}

// summarize takes the medians; samples has at least one element.
func summarize(size int, samples []Sample) Figures {
	column := func(of func(Sample) float64) []float64 {
		all := make([]float64, len(samples))
		for i, s := range samples {
			all[i] = of(s)
		}
		slices.Sort(all)
		return all
	}
	mid := func(of func(Sample) float64) float64 { return median(column(of)) }
	cpu := column(func(s Sample) float64 { return micros(s.CPU) / (float64(s.Bytes) / float64(size)) })
	return Figures{
		CPUPerRequest:     median(cpu),
		CPUPerKiB:         median(cpu) * 1000 / (float64(size) / 1024),
		Spread:            (cpu[len(cpu)-1] - cpu[0]) / median(cpu),
		Busy:              mid(func(s Sample) float64 { return s.CPU.Seconds() / s.Elapsed.Seconds() }),
		RequestsPerSecond: mid(func(s Sample) float64 { return float64(s.Bytes) / float64(size) / s.Elapsed.Seconds() }),
		BytesPerSecond:    mid(func(s Sample) float64 { return float64(s.Bytes) / s.Elapsed.Seconds() }),
		P50:               mid(func(s Sample) float64 { return micros(s.P50) }),
		P99:               mid(func(s Sample) float64 { return micros(s.P99) }),
		P999:              mid(func(s Sample) float64 { return micros(s.P999) }),
	}
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// median of sorted values: the middle one, or the mean of the middle two; zero of none.
func median[T int64 | float64](sorted []T) T {
	n := len(sorted)
	if n == 0 {
		return 0
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// compareCells orders plain before TLS, small before large, few connections before many.
func compareCells(a, b Cell) int {
	tls := func(c Cell) int { return map[bool]int{true: 1}[c.TLS] }
	return cmp.Or(cmp.Compare(tls(a), tls(b)), cmp.Compare(a.Size, b.Size), cmp.Compare(a.Connections, b.Connections))
}
