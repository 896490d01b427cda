// Package build compiles the cluster's programs from their public modules.
//
// The first build of Kubernetes takes ten minutes and more on two cores, so
// progress is printed all along. Go's build cache makes the next one a matter
// of seconds.
package build

import (
	"bufio"
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

// KubernetesVersion is what the API server reports. It is the version of
// k8s.io/kubernetes in go.mod, which a test holds equal.
const KubernetesVersion = "v1.37.2"

// tick is the time between two progress lines.
const tick = 20 * time.Second

// A Program is one call of go build.
type Program struct {
	Name     string
	Packages []string
	LDFlags  string
	// Links are the further names under which the program is called.
	Links []string
}

// Kube is every Kubernetes program, in one binary.
var Kube = Program{
	Name:     "kube",
	Packages: []string{"./kube"},
	LDFlags: "-X k8s.io/component-base/version.gitVersion=" + KubernetesVersion +
		" -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=37",
	Links: []string{"kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler", "kubectl", "kubelet"},
}

// Etcd is the database below the API server.
var Etcd = Program{Name: "etcd", Packages: []string{"go.etcd.io/etcd/server/v3"}}

// All is what a whole cluster needs.
var All = []Program{
	Etcd,
	Kube,
	{Name: "pause", Packages: []string{"./pause"}},
	{Name: "coredns", Packages: []string{"./dns"}},
	{Name: "containerd", Packages: []string{"github.com/containerd/containerd/v2/cmd/containerd"}},
	{Name: "containerd-shim-runc-v2", Packages: []string{"github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2"}},
	{Name: "ctr", Packages: []string{"github.com/containerd/containerd/v2/cmd/ctr"}},
}

// Programs builds programs of the module in folder module into the state
// folder, in order, and tells on progress what it does.
func Programs(ctx context.Context, dir state.Dir, module string, progress io.Writer, programs ...Program) error {
	if err := os.MkdirAll(dir.Bin(""), 0o755); err != nil {
		return err
	}
	for _, program := range programs {
		if err := program.build(ctx, dir, module, progress); err != nil {
			return fmt.Errorf("building %s: %w", program.Name, err)
		}
	}
	return nil
}

func (p Program) build(ctx context.Context, dir state.Dir, module string, progress io.Writer) error {
	args := append([]string{"build", "-v", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w " + p.LDFlags, "-o", dir.Bin(p.Name)}, p.Packages...)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = module
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if err := follow(cmd, p.Name, progress); err != nil {
		return err
	}
	for _, link := range p.Links {
		if err := relink(dir.Bin(p.Name), dir.Bin(link)); err != nil {
			return err
		}
	}
	return nil
}

// follow runs go build -v and counts the packages that it names, one a line.
// Whatever else go says comes back in the error.
func follow(cmd *exec.Cmd, name string, progress io.Writer) error {
	output, err := cmd.StderrPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting go, which must be on the PATH: %w", err)
	}
	lines := make(chan string)
	go scan(output, lines)
	said := count(lines, name, progress)
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("%w:\n%s", err, strings.Join(said, "\n"))
	}
	return nil
}

func scan(from io.Reader, lines chan<- string) {
	defer close(lines)
	for scanner := bufio.NewScanner(from); scanner.Scan(); {
		lines <- scanner.Text()
	}
}

// count reports on progress until lines ends, and returns the last lines.
func count(lines <-chan string, name string, progress io.Writer) []string {
	const kept = 30
	var last []string
	compiled, began := 0, time.Now()
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		select {
		case line, open := <-lines:
			if !open {
				if compiled > 0 {
					fmt.Fprintf(progress, "built %s: %d packages\n", name, compiled)
				}
				return last
			}
			if !strings.HasPrefix(line, "go: downloading ") {
				compiled++
			}
			last = append(last[max(0, len(last)-kept+1):], line)
		case <-ticker.C:
			fmt.Fprintf(progress, "building %s: %d packages compiled in %s\n", name, compiled, time.Since(began).Round(time.Second))
		}
	}
}

// relink makes name a relative link to program, so that the folder can move.
func relink(program, name string) error {
	if err := os.Remove(name); err != nil && !os.IsNotExist(err) {
		return err
	}
	return os.Symlink(filepath.Base(program), name)
}
