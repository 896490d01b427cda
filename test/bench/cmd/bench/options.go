package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ambassador-operator/ambassador-operator/test/bench/internal/proxy"
	"github.com/ambassador-operator/ambassador-operator/test/bench/internal/report"
)

// options are the command line, checked.
type options struct {
	cells        []report.Cell
	proxies      []string
	binaries     map[string]string
	rounds       int
	warm, window time.Duration
	memoryRounds int
	profile      string
	json         string
	strict       bool
	loadCore     int
	proxyCore    int
}

// texts are the flags that need more than the flag package to check.
type texts struct {
	sidecar, baseline    string
	proxies, upstreams   string
	bodies, connections  string
	quick                bool
	rounds, memoryRounds int
	warm, window         time.Duration
	profile, json        string
	strict               bool
	loadCore, proxyCore  int
}

var quickProxies = []string{proxy.Sidecar, proxy.Baseline, proxy.Nginx, proxy.HAProxy, proxy.ReverseProxy}

func parse(args []string) (*options, error) {
	var t texts
	f := flag.NewFlagSet("bench", flag.ExitOnError)
	f.StringVar(&t.sidecar, "sidecar", "", "the sidecar's program `file`; without it the others are measured alone")
	f.StringVar(&t.baseline, "baseline", "", "an older sidecar's program `file`, measured beside")
	f.BoolVar(&t.quick, "quick", false, "1 KiB and 32 connections only, against nginx, haproxy-http and reverseproxy, without memory")
	f.StringVar(&t.proxies, "proxies", "", "`names` of the proxies, with commas: "+strings.Join(slices.Concat(proxy.Names, proxy.Cached), ","))
	f.StringVar(&t.upstreams, "upstreams", "plain,tls", "`kinds` of upstream")
	f.StringVar(&t.bodies, "bodies", "1KiB,64KiB,10MiB", "`sizes` of the answers' bodies")
	f.StringVar(&t.connections, "connections", "1,32,256", "`numbers` of client connections")
	f.IntVar(&t.rounds, "rounds", 5, "`times` that each proxy is measured in each cell")
	f.DurationVar(&t.warm, "warm", 200*time.Millisecond, "how long each proxy serves before a window begins")
	f.DurationVar(&t.window, "window", 800*time.Millisecond, "how long each window is, but where more than 1 GiB is asked for at once: there it is one answer for each client")
	f.IntVar(&t.memoryRounds, "memory-rounds", 3, "`times` that each proxy's memory is read; 0 leaves memory out")
	f.StringVar(&t.profile, "profile", "", "`name` of one proxy: count its system calls and profile it with perf instead")
	f.StringVar(&t.json, "json", "", "write the figures to this `file` as well")
	f.BoolVar(&t.strict, "strict", false, "exit with 1 when a bar is missed")
	f.IntVar(&t.loadCore, "load-core", 0, "the `core` of clients and upstreams")
	f.IntVar(&t.proxyCore, "proxy-core", 1, "the `core` of the proxy")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	if t.quick {
		t.bodies, t.connections, t.memoryRounds = "1KiB", "32", 0
	}
	return t.check()
}

func (t *texts) check() (*options, error) {
	if runtime.NumCPU() < 2 {
		return nil, errors.New("two cores are needed: one for the proxy, one for clients and upstreams")
	}
	if t.rounds < 1 || t.loadCore == t.proxyCore {
		return nil, errors.New("-rounds must be at least 1, and -load-core another core than -proxy-core")
	}
	cells, err := t.cells()
	if err != nil {
		return nil, err
	}
	binaries, err := t.binaries()
	if err != nil {
		return nil, err
	}
	proxies, err := t.choose(binaries)
	return &options{
		cells: cells, proxies: proxies, binaries: binaries,
		rounds: t.rounds, warm: t.warm, window: t.window, memoryRounds: t.memoryRounds,
		profile: t.profile, json: t.json, strict: t.strict, loadCore: t.loadCore, proxyCore: t.proxyCore,
	}, err
}

// cells is every combination of upstream, body and connections that was asked for.
func (t *texts) cells() (cells []report.Cell, err error) {
	for _, upstream := range strings.Split(t.upstreams, ",") {
		if upstream != "plain" && upstream != "tls" {
			return nil, fmt.Errorf("-upstreams: %q is neither plain nor tls", upstream)
		}
		for _, body := range strings.Split(t.bodies, ",") {
			size, err := parseSize(body)
			if err != nil {
				return nil, fmt.Errorf("-bodies: %w", err)
			}
			for _, connections := range strings.Split(t.connections, ",") {
				n, err := strconv.Atoi(connections)
				if err != nil || n < 1 || n > 8000 {
					return nil, fmt.Errorf("-connections: %q is not a number from 1 to 8000", connections)
				}
				cells = append(cells, report.Cell{TLS: upstream == "tls", Size: size, Connections: n})
			}
		}
	}
	return cells, nil
}

func parseSize(text string) (int, error) {
	for suffix, unit := range map[string]int{"KiB": 1 << 10, "MiB": 1 << 20} {
		if digits, ok := strings.CutSuffix(text, suffix); ok {
			n, err := strconv.Atoi(digits)
			if err != nil || n < 1 || n > 1<<20 {
				break
			}
			return n * unit, nil
		}
	}
	return 0, fmt.Errorf("%q is not a size such as 64KiB or 10MiB", text)
}

// binaries finds the program of each proxy: the sidecars where the flags say, our own beside this program, the others
// where the distribution puts them.
func (t *texts) binaries() (map[string]string, error) {
	own, err := os.Executable()
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	for name, path := range map[string]string{
		proxy.Sidecar: t.sidecar, proxy.Baseline: t.baseline, proxy.CachedSidecar: t.sidecar, proxy.CachedNginx: "nginx",
		proxy.Nginx: "nginx", proxy.HAProxy: "haproxy", proxy.HAProxyTCP: "haproxy",
		proxy.Caddy: filepath.Join(filepath.Dir(own), "caddy"), proxy.ReverseProxy: filepath.Join(filepath.Dir(own), "reverseproxy"),
	} {
		if path == "" {
			continue
		}
		for _, candidate := range []string{path, filepath.Join("/usr/sbin", path)} {
			if full, err := exec.LookPath(candidate); err == nil {
				found[name], err = filepath.Abs(full)
				if err != nil {
					return nil, err
				}
			}
		}
	}
	return found, nil
}

// choose keeps the order of the tables and insists that each chosen proxy can be started.
func (t *texts) choose(binaries map[string]string) ([]string, error) {
	wanted := proxy.Names
	switch {
	case t.profile != "":
		wanted = []string{t.profile}
	case t.proxies != "":
		wanted = strings.Split(t.proxies, ",")
	case t.quick:
		wanted = quickProxies
	}
	all := slices.Concat(proxy.Names, proxy.Cached)
	for _, name := range wanted {
		if !slices.Contains(all, name) {
			return nil, fmt.Errorf("unknown proxy %q: choose from %s", name, strings.Join(all, ", "))
		}
	}
	var chosen []string
	for _, name := range all {
		optional := name == proxy.Sidecar && t.sidecar == "" || name == proxy.Baseline && t.baseline == ""
		if !slices.Contains(wanted, name) || optional && t.profile == "" {
			continue
		}
		if binaries[name] == "" {
			return nil, fmt.Errorf("no program for %s: nginx and haproxy come with \"make bench-deps\", the sidecar with -sidecar, the others lie beside this program", name)
		}
		chosen = append(chosen, name)
	}
	return chosen, nil
}
