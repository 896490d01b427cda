// Command ambassador is the sidecar: it serves the ambassadors of one document on loopback ports, and attaches the
// credentials that the application must not hold.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy"
)

// version is set when a release is built: -ldflags "-X main.version=v1.2.3".
var version string

// The codes that the process ends with.
const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	options, showVersion, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		return exitUsage // the flag package has said why
	case showVersion:
		fmt.Fprintln(stdout, "ambassador", options.Version)
		return exitOK
	}
	saveMemory()
	if err := proxy.Run(untilSignal(), options); err != nil {
		fmt.Fprintln(stderr, err)
		return exitError
	}
	return exitOK
}

// saveMemory makes the collector come at half of the garbage that it lets pile up by default: requests make next to none, so
// that hardly any time is spent. The environment's GOGC goes before. It also does without the profile of allocations, whose
// table takes up to 1.4 MB and which nobody can ask for.
func saveMemory() {
	runtime.MemProfileRate = 0
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
}

// untilSignal returns a context that ends with the first SIGTERM or SIGINT. A second one ends the process at once.
func untilSignal() context.Context {
	ctx, end := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-signals
		end()
		<-signals
		os.Exit(exitError)
	}()
	return ctx
}

// parse reads the command line.
func parse(args []string, stderr io.Writer) (options proxy.Options, showVersion bool, err error) {
	flags := flag.NewFlagSet("ambassador", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&options.ConfigFile, "config", "", "the document to serve, JSON (required)")
	flags.StringVar(&options.CredentialsFolder, "credentials", "", "the folder with one folder per Secret, one file per key")
	flags.StringVar(&options.AdminAddress, "admin", "127.0.0.1:15901", "where to serve health, metrics and status; empty: nowhere")
	flags.DurationVar(&options.Grace, "grace", 25*time.Second, "how long requests in flight may take after SIGTERM")
	flags.BoolVar(&showVersion, "version", false, "print the version and end")
	if err := flags.Parse(args); err != nil {
		return options, false, err
	}
	options.Version = buildVersion()
	options.Log = stderr
	if showVersion || options.ConfigFile != "" && flags.NArg() == 0 {
		return options, showVersion, nil
	}
	fmt.Fprintln(stderr, "ambassador: give --config FILE, and no arguments besides flags")
	flags.Usage()
	return options, false, errors.New("usage")
}

// buildVersion is the release's version, or what the toolchain recorded.
func buildVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}
