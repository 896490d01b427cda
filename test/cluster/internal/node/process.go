package node

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/ambassador-operator/ambassador-operator/test/cluster/internal/host"
	"github.com/ambassador-operator/ambassador-operator/test/cluster/internal/state"
)

// tailLines is how many last lines of a log an error shows.
const tailLines = 15

// join enters the control group before the daemon runs, so that no process that
// the daemon starts can be outside it.
const join = `echo $$ >"$0" && exec "$@"`

// processes are the daemons that one starter started, and what became of them.
type processes struct {
	dir   state.Dir
	group string
	ended chan error
}

func newProcesses(dir state.Dir) (*processes, error) {
	if err := os.MkdirAll(dir.Run("..", "logs"), 0o755); err != nil {
		return nil, err
	}
	group, err := host.CreateCgroup()
	return &processes{dir: dir, group: group, ended: make(chan error, 16)}, err
}

// start runs a daemon in a session of its own, so that it outlives this process.
func (p *processes) start(d daemon) error {
	log, err := os.Create(p.dir.Log(d.name))
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command("sh", append([]string{"-c", join, p.group, p.dir.Bin(d.name)}, d.args...)...)
	cmd.Env = append(os.Environ(), "PATH="+p.dir.Bin("")+":"+os.Getenv("PATH"))
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting %s: %w", d.name, err)
	}
	go func() {
		_ = cmd.Wait() // the state says more, also of an end without error
		p.ended <- fmt.Errorf("%s ended (%s); %s ends:\n%s", d.name, cmd.ProcessState, p.dir.Log(d.name), tail(p.dir.Log(d.name)))
	}()
	return nil
}

// await asks ready four times a second until it says yes, a daemon ends, or
// limit is over.
func (p *processes) await(ctx context.Context, what string, limit time.Duration, ready func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case ended := <-p.ended:
			return ended
		case <-ctx.Done():
			return fmt.Errorf("%s: not in %s: %w (logs are in %s)", what, limit, err, p.dir.Run("..", "logs"))
		case <-time.After(250 * time.Millisecond):
		}
	}
}

func tail(path string) []byte {
	content, err := os.ReadFile(path)
	if err != nil {
		return []byte(err.Error())
	}
	lines := bytes.Split(bytes.TrimSpace(content), []byte("\n"))
	return bytes.Join(lines[max(0, len(lines)-tailLines):], []byte("\n"))
}
