package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/ambassador-operator/ambassador-operator/test/cluster/internal/host"
	"github.com/ambassador-operator/ambassador-operator/test/cluster/internal/state"
)

// phaseLimit is how long each phase of a start may take on a busy machine.
const phaseLimit = 3 * time.Minute

// Up starts a cluster, or does nothing where this folder's cluster runs. What is
// left of a broken one is removed first.
func Up(ctx context.Context, dir state.Dir, progress io.Writer) error {
	if err := errors.Join(host.Check(), dir.Check(), owned(dir)); err != nil {
		return err
	}
	if Running(ctx, dir) == nil {
		fmt.Fprintln(progress, "the cluster runs already")
		return nil
	}
	if err := Down(ctx, dir, io.Discard); err != nil {
		return fmt.Errorf("removing what is left of an earlier cluster: %w", err)
	}
	if err := host.CheckKubelet(); err != nil {
		return err
	}
	if err := start(ctx, dir, progress); err != nil {
		return errors.Join(err, Down(context.WithoutCancel(ctx), dir, io.Discard))
	}
	return nil
}

// owned refuses to touch the cluster of another folder.
func owned(dir state.Dir) error {
	owner, err := host.Owner()
	if err != nil || owner == "" || owner == string(dir) {
		return err
	}
	return fmt.Errorf("a cluster of %s runs on this machine, which has room for one: end it there with make cluster-down", owner)
}

func start(ctx context.Context, dir state.Dir, progress io.Writer) error {
	if err := prepare(ctx, dir); err != nil {
		return err
	}
	running, err := newProcesses(dir)
	if err != nil {
		return err
	}
	for _, phase := range phases {
		fmt.Fprintln(progress, phase.doing)
		for _, daemon := range phase.daemons {
			if err := running.start(daemon(dir)); err != nil {
				return err
			}
		}
		err := running.await(ctx, phase.until, phaseLimit, func(ctx context.Context) error { return phase.ready(ctx, dir) })
		if err != nil {
			return err
		}
	}
	return nil
}

// prepare writes what the daemons read and makes what they listen on.
func prepare(ctx context.Context, dir state.Dir) error {
	if err := os.MkdirAll(state.Sockets, 0o755); err != nil {
		return err
	}
	if err := os.MkdirAll(dir.Run(), 0o755); err != nil {
		return err
	}
	if err := host.SaveSysctls(dir.Run("sysctls.json")); err != nil {
		return err
	}
	if err := host.AddNetwork(ctx, string(dir)); err != nil {
		return err
	}
	if err := host.CheckPorts(ports...); err != nil {
		return err
	}
	if err := writeIdentities(dir); err != nil {
		return fmt.Errorf("writing certificates: %w", err)
	}
	if err := writeConfigs(dir); err != nil {
		return fmt.Errorf("writing configuration: %w", err)
	}
	return nil
}

// A phase starts daemons together and waits until they do their work.
type phase struct {
	doing   string
	daemons []func(state.Dir) daemon
	until   string
	ready   func(context.Context, state.Dir) error
}

var phases = []phase{{
	doing:   "starting etcd and the API server",
	daemons: []func(state.Dir) daemon{etcd, apiServer},
	until:   "the API server is ready",
	ready:   answers("get", "--raw=/readyz"),
}, {
	doing:   "starting the controllers, the scheduler, kube-proxy, CoreDNS and containerd",
	daemons: []func(state.Dir) daemon{controllerManager, scheduler, kubeProxy, coreDNS, containerd},
	until:   "containerd takes images",
	ready: func(ctx context.Context, dir state.Dir) error {
		return Import(ctx, dir, dir.Image("pause"))
	},
}, {
	doing:   "starting the kubelet",
	daemons: []func(state.Dir) daemon{kubelet},
	until:   "the node is ready",
	ready:   answers("wait", "--for=condition=Ready", "--timeout=2s", "node/"+Name),
}, {
	doing: "waiting until Pods are admitted",
	until: "the default service account exists",
	ready: answers("get", "serviceaccount", "default"),
}}

// answers is whether kubectl succeeds.
func answers(args ...string) func(context.Context, state.Dir) error {
	return func(ctx context.Context, dir state.Dir) error {
		return Kubectl(ctx, dir, args...)
	}
}

// Kubectl runs kubectl as the cluster's administrator.
func Kubectl(ctx context.Context, dir state.Dir, args ...string) error {
	return call(ctx, dir.Bin("kubectl"), append([]string{"--kubeconfig=" + dir.Kubeconfig()}, args...)...)
}

// Import loads image archives, each with one or more images.
func Import(ctx context.Context, dir state.Dir, archives ...string) error {
	for _, archive := range archives {
		err := call(ctx, dir.Bin("ctr"), "--address="+state.Sockets+"/containerd.sock", "--namespace=k8s.io", "images", "import", "--local", archive)
		if err != nil {
			return fmt.Errorf("importing %s: %w", archive, err)
		}
	}
	return nil
}

func call(ctx context.Context, program string, args ...string) error {
	output, err := exec.CommandContext(ctx, program, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, strings.TrimSpace(string(output)))
	}
	return nil
}

// Running is nil where this folder's cluster runs and its node is ready, and
// otherwise says what is wrong.
func Running(ctx context.Context, dir state.Dir) error {
	owner, err := host.Owner()
	if err != nil {
		return err
	}
	if owner != string(dir) {
		return errors.New("no cluster of this folder runs")
	}
	if err := missingDaemons(dir); err != nil {
		return err
	}
	return Kubectl(ctx, dir, "wait", "--for=condition=Ready", "--timeout=5s", "node/"+Name)
}
