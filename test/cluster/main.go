// Command cluster gives this project a real Kubernetes and puts its images there.
//
// It takes one command:
//
//	build       compile the cluster's programs, or check what the provider needs
//	envtest     provide an API server, etcd and kubectl for envtest
//	images      compile this repository's programs and pack their images
//	up          start the cluster, or do nothing where it runs
//	load        put the images on the cluster's nodes
//	status      say whether the cluster can be used
//	kubeconfig  print the path of the kubeconfig
//	down        end the cluster without a trace
//
// For the embedded provider, up, load and down need root; the others do not, so
// that nothing is compiled as root.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/ambassador-operator/ambassador-operator/test/cluster/internal/build"
	"github.com/ambassador-operator/ambassador-operator/test/cluster/internal/image"
	"github.com/ambassador-operator/ambassador-operator/test/cluster/internal/provider"
	"github.com/ambassador-operator/ambassador-operator/test/cluster/internal/state"
)

// options are the program's flags.
type options struct {
	state    string
	provider string
	version  string
}

func main() {
	os.Exit(run())
}

func run() int {
	var opts options
	flag.StringVar(&opts.state, "state", ".cluster", "state folder, at the repository's root")
	flag.StringVar(&opts.provider, "provider", "embedded", "where the cluster comes from: "+strings.Join(provider.Names, ", "))
	flag.StringVar(&opts.version, "version", "dev", "tag of this repository's own images")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := execute(ctx, opts, flag.Args()); err != nil {
		fmt.Fprintf(os.Stderr, "cluster: %v\n", err)
		return 1
	}
	return 0
}

func execute(ctx context.Context, opts options, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("want one command, got %d: see the top of test/cluster/main.go", len(args))
	}
	folder, err := filepath.Abs(opts.state)
	if err != nil {
		return err
	}
	dir, root, progress := state.Dir(folder), filepath.Dir(folder), &stopwatch{out: os.Stderr, began: time.Now()}
	from, err := provider.New(opts.provider, dir, progress)
	if err != nil {
		return err
	}
	commands := map[string]func() error{
		"build":   func() error { return from.Build(ctx) },
		"envtest": func() error { return build.Envtest(ctx, dir, filepath.Join(root, "test", "cluster"), progress) },
		"images":  func() error { return image.Build(ctx, dir, root, opts.version, progress) },
		"up":      func() error { return up(ctx, from, progress) },
		"load":    func() error { return from.Load(ctx, image.Archives(dir)...) },
		"status":  func() error { return from.Status(ctx) },
		"down":    func() error { return from.Down(ctx) },
		"kubeconfig": func() error {
			_, err := fmt.Println(from.Kubeconfig())
			return err
		},
	}
	command, ok := commands[args[0]]
	if !ok {
		return fmt.Errorf("no command %q: see the top of test/cluster/main.go", args[0])
	}
	return command()
}

func up(ctx context.Context, from provider.Provider, progress io.Writer) error {
	if err := from.Up(ctx); err != nil {
		return err
	}
	fmt.Fprintf(progress, "ready: export KUBECONFIG=%s\n", from.Kubeconfig())
	return nil
}

// stopwatch writes before each line how long the program has run.
type stopwatch struct {
	out   io.Writer
	began time.Time
}

func (s *stopwatch) Write(line []byte) (int, error) {
	elapsed := time.Since(s.began).Round(time.Second)
	if _, err := fmt.Fprintf(s.out, "[%5s] %s", elapsed, line); err != nil {
		return 0, err
	}
	return len(line), nil
}
