package provider

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// current is the cluster that kubectl speaks to by default. It is neither
// started nor ended here.
type current struct {
	progress io.Writer
}

func (c current) Build(context.Context) error {
	if _, err := exec.LookPath("kubectl"); err != nil {
		return fmt.Errorf("CLUSTER=current needs kubectl on the PATH: %w", err)
	}
	return nil
}

func (c current) Up(ctx context.Context) error { return c.Status(ctx) }

// Load can not reach the nodes of a cluster that it knows nothing of. It says
// what the person must do, who knows.
func (c current) Load(_ context.Context, archives ...string) error {
	fmt.Fprintf(c.progress, "the nodes of this cluster must know the images in these archives; load them as its documentation says:\n  %s\n", strings.Join(archives, "\n  "))
	return nil
}

func (c current) Status(ctx context.Context) error {
	output, err := exec.CommandContext(ctx, "kubectl", "get", "--raw=/readyz").CombinedOutput()
	if err != nil {
		return fmt.Errorf("the current cluster does not answer: %w: %s", err, output)
	}
	return nil
}

func (c current) Down(context.Context) error {
	fmt.Fprintln(c.progress, "the cluster is not ours and goes on")
	return nil
}

func (c current) Kubeconfig() string {
	home, _ := os.UserHomeDir() // without a home, kubectl finds no file there either
	return cmp.Or(os.Getenv("KUBECONFIG"), filepath.Join(home, ".kube", "config"))
}
