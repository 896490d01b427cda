package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/ambassador-operator/ambassador-operator/test/bench/internal/proxy"
	"github.com/ambassador-operator/ambassador-operator/test/bench/internal/report"
	"github.com/ambassador-operator/ambassador-operator/test/bench/internal/rig"
	"github.com/ambassador-operator/ambassador-operator/test/bench/internal/wire"
)

// memorySizes are the bodies that the proxies serve when their memory at work is read.
var memorySizes = []int{rig.Light, 64 << 10}

// heavy is how many bytes of answers may be under way at one time in a window that ends by the clock. Those of 10 MiB on
// 256 connections take seconds to serve once.
const heavy = 1 << 30

// runner holds the two ends of the benchmark and what it has found.
type runner struct {
	options    *options
	dir        string
	loop       *rig.Loop
	script     *wire.Script
	plain, tls *rig.Upstream
	setup      proxy.Setup
	running    map[string]*proxy.Running
	document   *report.Document
	progress   *progress
}

func newRunner(o *options) (*runner, error) {
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return nil, err
	}
	r := &runner{options: o, dir: dir, running: make(map[string]*proxy.Running), document: describe(o)}
	if err := r.open(); err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

func (r *runner) open() (err error) {
	sizes := memorySizes
	for _, cell := range r.options.cells {
		sizes = append(sizes, cell.Size)
	}
	r.script = wire.NewScript(sizes...)
	if r.loop, err = rig.NewLoop(); err != nil {
		return err
	}
	ca := filepath.Join(r.dir, "ca.pem")
	identity, err := newIdentity(ca)
	if err != nil {
		return err
	}
	if r.plain, err = r.loop.Listen(r.script, nil); err != nil {
		return err
	}
	if r.tls, err = r.loop.Listen(r.script, identity); err != nil {
		return err
	}
	r.setup = proxy.Setup{
		Dir: r.dir, CA: ca, ServerName: serverName,
		PlainUpstream: r.plain.Port(), TLSUpstream: r.tls.Port(),
		Core: r.options.proxyCore, Binaries: r.options.binaries,
	}
	return nil
}

// close stops what runs and removes what was written.
func (r *runner) close() error {
	errs := []error{r.stopAll()}
	for _, upstream := range []*rig.Upstream{r.plain, r.tls} {
		if upstream != nil {
			errs = append(errs, upstream.Close())
		}
	}
	if r.loop != nil {
		errs = append(errs, r.loop.Close())
	}
	return errors.Join(append(errs, os.RemoveAll(r.dir))...)
}

func (r *runner) stopAll() error {
	var errs []error
	for _, each := range r.running {
		errs = append(errs, each.Stop())
	}
	clear(r.running)
	return errors.Join(errs...)
}

func (r *runner) start(name string) (*proxy.Running, error) {
	running, err := proxy.Start(name, r.setup)
	if err == nil {
		r.running[name] = running
	}
	return running, err
}

// compare measures every proxy in every cell. Within a cell the proxies take turns, each round beginning with another
// one, so that whatever the machine does besides hits all of them alike.
func (r *runner) compare(ctx context.Context) error {
	o := r.options
	for _, name := range o.proxies {
		if _, err := r.start(name); err != nil {
			return err
		}
	}
	r.progress = newProgress(len(o.cells) * o.rounds * len(o.proxies))
	for _, cell := range o.cells {
		for round := range o.rounds {
			for i := range o.proxies {
				name := o.proxies[(i+round)%len(o.proxies)]
				if err := errors.Join(ctx.Err(), r.sample(cell, name)); err != nil {
					return err
				}
			}
		}
	}
	return r.stopAll()
}

func (r *runner) sample(cell report.Cell, name string) error {
	sample, err := r.measure(cell, r.running[name], r.options.window)
	if err != nil {
		return fmt.Errorf("%s, %v: %w\n%s", name, cell, err, r.running[name].Log())
	}
	r.document.Add(cell, name, sample)
	r.progress.step(fmt.Sprintf("%v, %s: %.1f µs of CPU a request, %.0f requests/s", cell, name,
		float64(sample.CPU.Microseconds())/float64(sample.Bytes)*float64(cell.Size),
		float64(sample.Bytes)/float64(cell.Size)/sample.Elapsed.Seconds()))
	return nil
}

// measure counts one window of one proxy. extra, where given, is called as the window begins and as it ends.
func (r *runner) measure(cell report.Cell, through *proxy.Running, window time.Duration, extra ...func() error) (report.Sample, error) {
	if err := through.Refresh(); err != nil {
		return report.Sample{}, err
	}
	var clock []time.Duration
	mark := func() error {
		now, err := through.CPU()
		clock = append(clock, now)
		for _, f := range extra {
			err = errors.Join(err, f())
		}
		return err
	}
	result, err := r.loop.Measure(r.load(cell, through), r.options.warm, window, mark)
	if err != nil {
		return report.Sample{}, err
	}
	return report.Sample{
		CPU: clock[1] - clock[0], Elapsed: result.Elapsed, Requests: result.Requests, Bytes: result.Bytes,
		P50: result.Latency.Quantile(0.5), P99: result.Latency.Quantile(0.99), P999: result.Latency.Quantile(0.999),
	}, nil
}

func (r *runner) load(cell report.Cell, through *proxy.Running) rig.Load {
	port := through.PlainPort
	if cell.TLS {
		port = through.TLSPort
	}
	return rig.Load{
		Script: r.script, Port: port, Size: cell.Size, Connections: cell.Connections,
		Final: proxy.ForwardsBytesOnly(through.Name), Once: cell.Size*cell.Connections > heavy,
	}
}
