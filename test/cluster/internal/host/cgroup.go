package host

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Cgroup is the control group above everything that the cluster runs: the
// daemons, and the Pods in groups that the kubelet makes below it.
const Cgroup = "ambassador-cluster"

const cgroupRoot = "/sys/fs/cgroup"

// endLimit is how long killed processes may take to vanish.
const endLimit = 20 * time.Second

// hierarchies are the cgroup trees of this machine: one with cgroup v2, one a
// controller with v1. The first holds every process of the cluster.
func hierarchies() ([]string, error) {
	if _, err := os.Stat(filepath.Join(cgroupRoot, "cgroup.controllers")); err == nil {
		return []string{cgroupRoot}, nil
	}
	entries, err := os.ReadDir(cgroupRoot)
	if err != nil {
		return nil, fmt.Errorf("reading control groups: %w", err)
	}
	all := []string{filepath.Join(cgroupRoot, "pids")}
	for _, entry := range entries {
		if entry.IsDir() && entry.Name() != "pids" {
			all = append(all, filepath.Join(cgroupRoot, entry.Name()))
		}
	}
	return all, nil
}

// CreateCgroup makes the control group and returns the file that takes the id
// of a process to put in it.
func CreateCgroup() (string, error) {
	all, err := hierarchies()
	if err != nil {
		return "", err
	}
	if err := enableControllers(); err != nil {
		return "", err
	}
	for _, hierarchy := range all {
		if err := os.MkdirAll(filepath.Join(hierarchy, Cgroup), 0o755); err != nil {
			return "", fmt.Errorf("making a control group: %w", err)
		}
	}
	daemons := filepath.Join(all[0], Cgroup, "daemons")
	return filepath.Join(daemons, "cgroup.procs"), os.MkdirAll(daemons, 0o755)
}

// enableControllers has cgroup v2 give groups every controller that it has,
// without which the kubelet takes its group for missing. They stay enabled:
// others may have come to use them.
func enableControllers() error {
	available, err := os.ReadFile(filepath.Join(cgroupRoot, "cgroup.controllers"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // cgroup v1
	}
	if err != nil {
		return err
	}
	for controller := range strings.FieldsSeq(string(available)) {
		err := os.WriteFile(filepath.Join(cgroupRoot, "cgroup.subtree_control"), []byte("+"+controller), 0o644)
		if err != nil {
			return fmt.Errorf("enabling the cgroup controller %s: %w", controller, err)
		}
	}
	return nil
}

// Processes are the ids of all processes in the control group.
func Processes() ([]int, error) {
	all, err := hierarchies()
	if err != nil {
		return nil, err
	}
	var ids []int
	err = filepath.WalkDir(filepath.Join(all[0], Cgroup), func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && entry.Name() != "cgroup.procs" {
			return nil
		}
		if err != nil {
			return err
		}
		members, err := os.ReadFile(path)
		for field := range strings.FieldsSeq(string(members)) {
			id, err := strconv.Atoi(field)
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENODEV) {
			return nil // the group went while its members were read
		}
		return err
	})
	return ids, err
}

// KillCgroup ends every process in the control group and waits until none is left.
func KillCgroup(ctx context.Context) error {
	return until(ctx, "the cluster's processes end", func() (bool, error) {
		ids, err := Processes()
		for _, id := range ids {
			// ESRCH: it ended by itself meanwhile.
			if err := syscall.Kill(id, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
				return false, fmt.Errorf("ending process %d: %w", id, err)
			}
		}
		return len(ids) == 0, err
	})
}

// RemoveCgroup removes the control group, which must hold no process.
func RemoveCgroup(ctx context.Context) error {
	all, err := hierarchies()
	if err != nil {
		return err
	}
	return until(ctx, "the cluster's control groups go", func() (bool, error) {
		gone := true
		for _, hierarchy := range all {
			gone = removeGroups(filepath.Join(hierarchy, Cgroup)) && gone
		}
		return gone, nil
	})
}

// removeGroups removes a group and those below it, deepest first, and reports
// whether all are gone. A group is busy until the kernel has reaped its members.
func removeGroups(group string) bool {
	var groups []string
	_ = filepath.WalkDir(group, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			groups = append(groups, path)
		}
		return nil
	})
	gone := true
	for _, path := range slices.Backward(groups) {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			gone = false
		}
	}
	return gone
}

// until asks done again and again, for as long as endLimit.
func until(ctx context.Context, what string, done func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, endLimit)
	defer cancel()
	for {
		ok, err := done()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting until %s: %w", what, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}
