package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/ambassador-operator/ambassador-operator/test/cluster/internal/host"
	"github.com/ambassador-operator/ambassador-operator/test/cluster/internal/state"
)

// Down ends this folder's cluster without a trace on the machine. It keeps
// programs, images and logs, and works the same after any part was killed.
func Down(ctx context.Context, dir state.Dir, progress io.Writer) error {
	if err := errors.Join(host.Check(), owned(dir)); err != nil {
		return err
	}
	fmt.Fprintln(progress, "ending all processes of the cluster")
	if err := host.KillCgroup(ctx); err != nil {
		return err
	}
	fmt.Fprintln(progress, "removing mounts, network and files")
	if err := host.Unmount(dir.Run(), state.Sockets); err != nil {
		return err
	}
	if err := errors.Join(
		host.RestoreSysctls(dir.Run("sysctls.json")),
		host.RemoveCgroup(ctx),
		host.RemoveStrays(dir.Run()),
		os.RemoveAll(dir.Run()),
		os.RemoveAll(state.Sockets),
		os.RemoveAll(dir.Kubeconfig()),
	); err != nil {
		return err
	}
	// The link goes last: it tells whose cluster this is.
	return host.RemoveNetwork(ctx)
}

// missingDaemons names the daemons that no longer run.
func missingDaemons(dir state.Dir) error {
	ids, err := host.Processes()
	if err != nil {
		return err
	}
	running := map[string]bool{}
	for _, id := range ids {
		// A process that ended meanwhile has no command line.
		line, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(id), "cmdline"))
		program, _, _ := strings.Cut(string(line), "\x00")
		running[program] = true
	}
	var missing []error
	for _, phase := range phases {
		for _, make := range phase.daemons {
			if name := make(dir).name; !running[dir.Bin(name)] {
				missing = append(missing, fmt.Errorf("%s does not run", name))
			}
		}
	}
	return errors.Join(missing...)
}
