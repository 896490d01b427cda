package node

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/ambassador-operator/ambassador-operator/test/cluster/internal/host"
	"github.com/ambassador-operator/ambassador-operator/test/cluster/internal/state"
)

// cluster is the state folder at the repository's root, whose programs
// `make test-cluster` has built.
func cluster(t *testing.T) state.Dir {
	t.Helper()
	folder, err := filepath.Abs("../../../../.cluster")
	if err != nil {
		t.Fatal(err)
	}
	dir := state.Dir(folder)
	if _, err := os.Stat(dir.Image("curl")); err != nil {
		t.Fatalf("this test needs what make test-cluster builds: %v", err)
	}
	if err := Down(t.Context(), dir, t.Output()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := Down(context.WithoutCancel(t.Context()), dir, t.Output()); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func TestDownLeavesNoTrace(t *testing.T) {
	dir := cluster(t)
	before := trace(t, dir)
	up(t, dir)
	runPod(t, dir)
	for name, items := range trace(t, dir) {
		if len(newIn(before[name], items)) == 0 {
			t.Errorf("a running cluster shows nothing among %s: this test would see no trace there", name)
		}
	}
	if err := Down(t.Context(), dir, t.Output()); err != nil {
		t.Fatal(err)
	}
	compare(t, before, trace(t, dir))
}

func TestUpAndDownWorkAfterAnyPartWasKilled(t *testing.T) {
	dir := cluster(t)
	before := trace(t, dir)
	up(t, dir)
	runPod(t, dir)
	for _, victim := range []string{"containerd", "containerd-shim-runc-v2", "kube-apiserver", "kubelet"} {
		kill(t, dir, victim)
	}
	if Running(t.Context(), dir) == nil {
		t.Error("the cluster counts as running though half of it was killed")
	}
	up(t, dir)
	runPod(t, dir)
	kill(t, dir, "containerd-shim-runc-v2")
	kill(t, dir, "containerd")
	if err := Down(t.Context(), dir, t.Output()); err != nil {
		t.Fatal(err)
	}
	compare(t, before, trace(t, dir))
}

func TestUpDoesNothingWhereTheClusterRuns(t *testing.T) {
	dir := cluster(t)
	up(t, dir)
	before, err := host.Processes()
	if err != nil {
		t.Fatal(err)
	}
	up(t, dir)
	after, err := host.Processes()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range before {
		if !slices.Contains(after, id) {
			t.Errorf("process %d was ended by the second start", id)
		}
	}
}

func TestAnotherFoldersClusterIsNamedAndLeftAlone(t *testing.T) {
	dir := cluster(t)
	up(t, dir)
	for _, attempt := range []func(context.Context, state.Dir) error{
		func(ctx context.Context, other state.Dir) error { return Up(ctx, other, t.Output()) },
		func(ctx context.Context, other state.Dir) error { return Down(ctx, other, t.Output()) },
	} {
		if err := attempt(t.Context(), "/other/.cluster"); err == nil || !strings.Contains(err.Error(), string(dir)) {
			t.Errorf("error %v does not name %s", err, dir)
		}
	}
	if err := Running(t.Context(), dir); err != nil {
		t.Error(err)
	}
}

func up(t *testing.T, dir state.Dir) {
	t.Helper()
	if err := Up(t.Context(), dir, t.Output()); err != nil {
		t.Fatal(err)
	}
}

// runPod has the cluster make what a Pod leaves traces of: containers, mounts
// of volumes, a network namespace, rules for a Service.
func runPod(t *testing.T, dir state.Dir) {
	t.Helper()
	if err := Import(t.Context(), dir, dir.Image("curl")); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"run", "traced", "--image=ambassador.local/curl:dev", "--image-pull-policy=IfNotPresent", "--port=80", "--expose", "--", "sleep infinity"},
		{"wait", "--for=condition=Ready", "--timeout=60s", "pod/traced"},
	} {
		if err := Kubectl(t.Context(), dir, args...); err != nil {
			t.Fatal(err)
		}
	}
}

// kill ends every process of a program of the cluster, as the kernel does when
// memory runs out.
func kill(t *testing.T, dir state.Dir, program string) {
	t.Helper()
	ids, err := host.Processes()
	if err != nil {
		t.Fatal(err)
	}
	killed := 0
	for _, id := range ids {
		line, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(id), "cmdline"))
		if err != nil || !bytes.HasPrefix(line, []byte(dir.Bin(program)+"\x00")) {
			continue
		}
		if err := syscall.Kill(id, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			t.Fatal(err)
		}
		killed++
	}
	if killed == 0 {
		t.Fatalf("no process of %s to kill", program)
	}
}

// looks are the views on the machine in which a trace would show, each a line
// an item.
var looks = map[string]string{
	"control groups": "find /sys/fs/cgroup -maxdepth 2 -type d -name 'ambassador*' -o -maxdepth 2 -type d -name 'kubepods*'",
	"files":          "find /etc/cni /opt /run /usr/libexec /var/lib /var/log -maxdepth 2 2>/dev/null | sort",
	"kernel":         "grep -H . /proc/sys/kernel/panic /proc/sys/kernel/panic_on_oops /proc/sys/net/ipv4/ip_forward /proc/sys/vm/overcommit_memory",
	"links":          "ls /sys/class/net",
	"mounts":         "cut -d ' ' -f 5 /proc/self/mountinfo | sort",
	"nft":            "nft list ruleset",
	"routes":         "grep -F 10.231. /proc/net/fib_trie",
}

// trace is what each look shows, and the processes that speak of the cluster.
func trace(t *testing.T, dir state.Dir) map[string][]string {
	t.Helper()
	seen := map[string][]string{"processes": processesOf(t, dir)}
	for name, look := range looks {
		// grep and ls end with an error where they find nothing, as they should.
		output, _ := exec.CommandContext(t.Context(), "sh", "-c", look).Output()
		seen[name] = strings.Split(strings.TrimSpace(string(output)), "\n")
	}
	return seen
}

// processesOf are the command lines that name the cluster's folders, other than
// this test's own.
func processesOf(t *testing.T, dir state.Dir) []string {
	t.Helper()
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, path := range lines {
		line, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		text := string(line)
		if strings.Contains(text, dir.Bin("")) || strings.Contains(text, state.Sockets) || text == "/pause\x00" {
			found = append(found, text)
		}
	}
	return found
}

// compare reports what is there that was not. What has gone is others' doing.
func compare(t *testing.T, before, after map[string][]string) {
	t.Helper()
	for name, items := range after {
		for _, item := range newIn(before[name], items) {
			t.Errorf("left behind among %s: %s", name, item)
		}
	}
}

func newIn(before, after []string) []string {
	return slices.DeleteFunc(slices.Clone(after), func(item string) bool { return slices.Contains(before, item) })
}
