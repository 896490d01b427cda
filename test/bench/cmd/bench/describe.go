package main

import (
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ambassador-operator/ambassador-operator/test/bench/internal/proxy"
	"github.com/ambassador-operator/ambassador-operator/test/bench/internal/report"
)

// describe begins the document: what was measured, on what.
func describe(o *options) *report.Document {
	d := report.New(o.proxies)
	d.Machine, d.Rounds, d.Window = machine(), o.rounds, o.window
	for _, name := range o.proxies {
		d.Versions = append(d.Versions, report.Version{Proxy: name, Version: version(name, o.binaries[name])})
	}
	return d
}

func machine() string {
	var kernel unix.Utsname
	_ = unix.Uname(&kernel)
	model := "unknown processor"
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			model = strings.TrimSpace(value)
			break
		}
	}
	return fmt.Sprintf("%s, %d cores, Linux %s", model, runtime.NumCPU(), unix.ByteSliceToString(kernel.Release[:]))
}

// version is what a program says of itself, or what the Go toolchain has noted in it.
func version(name, path string) string {
	if name == proxy.Nginx || name == proxy.CachedNginx || name == proxy.HAProxy || name == proxy.HAProxyTCP {
		out, _ := exec.Command(path, "-v").CombinedOutput()
		first, _, _ := strings.Cut(string(out), "\n")
		return first
	}
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return "unknown"
	}
	about := info.GoVersion
	for _, dep := range info.Deps {
		if name == proxy.Caddy && dep.Path == "github.com/caddyserver/caddy/v2" {
			about = "Caddy " + dep.Version + ", " + about
		}
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" || setting.Key == "vcs.modified" && setting.Value == "true" {
			about += ", " + strings.TrimPrefix(setting.Key, "vcs.") + " " + setting.Value
		}
	}
	return about
}
