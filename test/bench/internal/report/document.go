package report

import (
	"encoding/json"
	"io"
	"slices"
	"time"
)

// Document is all that one run has found.
type Document struct {
	Began    time.Time     `json:"began"`
	Machine  string        `json:"machine"`
	Versions []Version     `json:"versions"`
	Rounds   int           `json:"rounds"`
	Window   time.Duration `json:"windowNanos"`
	Rows     []Row         `json:"rows"`
	Memory   []Memory      `json:"memory"`
	Verdicts []Verdict     `json:"verdicts"`

	samples map[key][]Sample
	order   []string // proxies, as in the tables
}

// Version is a proxy and what it says it is.
type Version struct {
	Proxy   string `json:"proxy"`
	Version string `json:"version"`
}

// Row is one proxy in one cell.
type Row struct {
	Cell
	Proxy string `json:"proxy"`
	Figures
	// Ratio is CPUPerRequest against the better of nginx and HAProxy; zero where neither was measured.
	Ratio float64 `json:"ratio"`
}

// Memory is one proxy's resident memory in bytes, medians.
type Memory struct {
	Proxy   string `json:"proxy"`
	Idle    int64  `json:"idle"`
	Loaded  int64  `json:"loaded"`
	Crowded int64  `json:"crowded"`
}

type key struct {
	cell  Cell
	proxy string
}

// New begins a document whose tables list the proxies in the given order.
func New(proxies []string) *Document {
	return &Document{Began: time.Now(), order: proxies, samples: make(map[key][]Sample)}
}

// Add keeps one sample.
func (d *Document) Add(cell Cell, proxy string, s Sample) {
	d.samples[key{cell, proxy}] = append(d.samples[key{cell, proxy}], s)
}

// AddMemory keeps the medians of one proxy's memory readings.
func (d *Document) AddMemory(proxy string, idle, loaded, crowded []int64) {
	for _, readings := range [][]int64{idle, loaded, crowded} {
		slices.Sort(readings)
	}
	d.Memory = append(d.Memory, Memory{Proxy: proxy, Idle: median(idle), Loaded: median(loaded), Crowded: median(crowded)})
}

// Finish computes rows and verdicts from what was added.
func (d *Document) Finish() {
	var cells []Cell
	for k := range d.samples {
		if !slices.Contains(cells, k.cell) {
			cells = append(cells, k.cell)
		}
	}
	slices.SortFunc(cells, compareCells)
	for _, cell := range cells {
		d.finishCell(cell)
	}
	d.judge()
}

func (d *Document) finishCell(cell Cell) {
	first := len(d.Rows)
	for _, proxy := range d.order {
		if samples := d.samples[key{cell, proxy}]; len(samples) > 0 {
			d.Rows = append(d.Rows, Row{Cell: cell, Proxy: proxy, Figures: summarize(cell.Size, samples)})
		}
	}
	best, ok := d.better(cell, func(f Figures) float64 { return f.CPUPerRequest })
	if !ok {
		return
	}
	for i := first; i < len(d.Rows); i++ {
		d.Rows[i].Ratio = d.Rows[i].CPUPerRequest / best.CPUPerRequest
	}
}

// row finds one proxy's row.
func (d *Document) row(cell Cell, proxy string) (Row, bool) {
	i := slices.IndexFunc(d.Rows, func(r Row) bool { return r.Cell == cell && r.Proxy == proxy })
	if i < 0 {
		return Row{}, false
	}
	return d.Rows[i], true
}

// better is the row of the better of nginx and HAProxy in HTTP mode by a figure where less is better.
func (d *Document) better(cell Cell, by func(Figures) float64) (Row, bool) {
	nginx, haveNginx := d.row(cell, "nginx")
	haproxy, haveHAProxy := d.row(cell, "haproxy-http")
	if !haveNginx || haveHAProxy && by(haproxy.Figures) < by(nginx.Figures) {
		return haproxy, haveHAProxy
	}
	return nginx, haveNginx
}

// JSON writes the document for other programs.
func (d *Document) JSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(d)
}
