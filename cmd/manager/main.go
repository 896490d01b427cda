// Command manager is the operator: it turns Ambassadors into workloads with a sidecar. See --help.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"

	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/ambassador-operator/ambassador-operator/controllers/manager"
)

// version is set by the linker.
var version = "dev"

func main() { os.Exit(run()) }

func run() int {
	options, err := manager.Parse(os.Args[1:], version, os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "manager:", err)
		return 2
	}
	manager.Log(os.Stderr, options.LogLevel)
	if err := start(options); err != nil {
		ctrl.Log.Error(err, "the operator stops")
		return 1
	}
	return 0
}

func start(options *manager.Options) error {
	cluster, err := ctrl.GetConfig()
	if err != nil {
		return err
	}
	return manager.Run(ctrl.SetupSignalHandler(), cluster, options)
}
