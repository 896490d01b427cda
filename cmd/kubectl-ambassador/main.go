// Command kubectl-ambassador is a kubectl plugin that works on Ambassadors in files, without a cluster: it reports what is
// wrong with them, shows what the operator would apply, and runs the sidecar on this computer.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/ambassador-operator/ambassador-operator/cmd/kubectl-ambassador/internal/command"
)

// version is set by the linker.
var version = "dev"

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	context.AfterFunc(ctx, stop) // the first signal ends gently, a second one at once
	if err := command.New(version).ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
