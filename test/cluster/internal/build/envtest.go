package build

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/ambassador-operator/ambassador-operator/test/cluster/internal/state"
)

// reachLimit is how long it may take to see whether there is anything to
// download, and fetchLimit how long the download may take.
const (
	reachLimit = 45 * time.Second
	fetchLimit = 3 * time.Minute
)

// envtestPrograms is what controller-runtime's envtest starts.
var envtestPrograms = []string{"etcd", "kube-apiserver", "kubectl"}

// Envtest provides etcd, kube-apiserver and kubectl in the folder for
// KUBEBUILDER_ASSETS. Where the programs are neither built nor there already it
// tries to fetch them, and builds them where that fails.
func Envtest(ctx context.Context, dir state.Dir, module string, progress io.Writer) error {
	if complete(dir.Envtest()) {
		return nil
	}
	if err := os.MkdirAll(dir.Envtest(), 0o755); err != nil {
		return err
	}
	if !complete(dir.Bin("")) {
		fmt.Fprintln(progress, "fetching the API server and etcd")
		err := fetch(ctx, dir, module)
		if err == nil {
			return nil
		}
		fmt.Fprintf(progress, "they can not be fetched (%v): building them\n", err)
	}
	if err := Programs(ctx, dir, module, progress, Etcd, Kube); err != nil {
		return err
	}
	return link(dir)
}

func complete(folder string) bool {
	for _, name := range envtestPrograms {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			return false
		}
	}
	return true
}

func link(dir state.Dir) error {
	for _, name := range envtestPrograms {
		at := filepath.Join(dir.Envtest(), name)
		if err := os.Remove(at); err != nil && !os.IsNotExist(err) {
			return err
		}
		if err := os.Symlink(filepath.Join("..", "bin", name), at); err != nil {
			return err
		}
	}
	return nil
}

// fetch downloads with setup-envtest, and moves what it got to its place.
func fetch(ctx context.Context, dir state.Dir, module string) error {
	if _, err := setupEnvtest(ctx, reachLimit, module, "list"); err != nil {
		return err
	}
	download := dir.Envtest() + "-download"
	defer os.RemoveAll(download)
	version := strings.TrimPrefix(KubernetesVersion, "v")
	minor := version[:strings.LastIndex(version, ".")] + ".x"
	got, err := setupEnvtest(ctx, fetchLimit, module, "use", minor, "--bin-dir", download, "-p", "path")
	if err != nil {
		return err
	}
	for _, name := range envtestPrograms {
		if err := os.Rename(filepath.Join(got, name), filepath.Join(dir.Envtest(), name)); err != nil {
			return err
		}
	}
	return nil
}

// setupEnvtest runs the tool that go.mod pins and returns what it printed.
func setupEnvtest(ctx context.Context, limit time.Duration, module string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", append([]string{"tool", "setup-envtest"}, args...)...)
	cmd.Dir = module
	var complaint strings.Builder
	cmd.Stderr = &complaint
	printed, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("setup-envtest %s: %w: %s", args[0], err, strings.TrimSpace(complaint.String()))
	}
	return strings.TrimSpace(string(printed)), nil
}
