package provider

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/ambassador-operator/ambassador-operator/test/cluster/internal/state"
)

// kindName is the name of the cluster that kind is told to make.
const kindName = "ambassador"

// kind uses the command kind, which needs a container engine.
type kind struct {
	dir      state.Dir
	progress io.Writer
}

func (k kind) Build(context.Context) error {
	if _, err := exec.LookPath("kind"); err != nil {
		return fmt.Errorf("CLUSTER=kind needs the command kind on the PATH: %w", err)
	}
	return nil
}

func (k kind) Up(ctx context.Context) error {
	if k.Status(ctx) == nil {
		return k.run(ctx, "export", "kubeconfig", "--name="+kindName, "--kubeconfig="+k.Kubeconfig())
	}
	return k.run(ctx, "create", "cluster", "--name="+kindName, "--kubeconfig="+k.Kubeconfig(), "--wait=3m")
}

func (k kind) Load(ctx context.Context, archives ...string) error {
	for _, archive := range archives {
		if err := k.run(ctx, "load", "image-archive", "--name="+kindName, archive); err != nil {
			return err
		}
	}
	return nil
}

func (k kind) Status(ctx context.Context) error {
	output, err := exec.CommandContext(ctx, "kind", "get", "clusters").Output()
	if err != nil {
		return fmt.Errorf("kind get clusters: %w", err)
	}
	if !slices.Contains(strings.Fields(string(output)), kindName) {
		return fmt.Errorf("kind has no cluster %s", kindName)
	}
	return nil
}

func (k kind) Down(ctx context.Context) error {
	if err := k.run(ctx, "delete", "cluster", "--name="+kindName); err != nil {
		return err
	}
	return os.RemoveAll(k.Kubeconfig())
}

func (k kind) Kubeconfig() string { return k.dir.Kubeconfig() }

// run lets kind speak for itself.
func (k kind) run(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, "kind", args...)
	cmd.Stdout, cmd.Stderr = k.progress, k.progress
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("kind %s: %w", args[0], err)
	}
	return nil
}
