package host

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
)

// CNINetwork is the name of the CNI network, by which its cached results are found.
const CNINetwork = "ambassador-cluster"

// Places outside the state folder that the kubelet, libcni and mount(8) choose themselves.
const (
	containerLogs = "/var/log/containers"
	cniCache      = "/var/lib/cni"
	deviceSocket  = "/var/lib/kubelet/device-plugins/kubelet.sock"
	mountTable    = "/run/mount"
)

// CheckKubelet refuses a machine on which another kubelet answers: two would
// fight for one socket.
func CheckKubelet() error {
	if listens(deviceSocket) {
		return fmt.Errorf("another kubelet runs on this machine (it answers at %s): use CLUSTER=current", deviceSocket)
	}
	return nil
}

func listens(socket string) bool {
	connection, err := net.Dial("unix", socket)
	if err != nil {
		return false
	}
	return connection.Close() == nil
}

// RemoveStrays removes what is left in folders that others chose: links to logs
// below run, cached results of the cluster's network, the kubelet's socket. The
// folders go too where nothing else is in them.
func RemoveStrays(run string) error {
	err := errors.Join(
		removeEach(containerLogs, func(path string) bool {
			target, err := os.Readlink(path)
			return err == nil && strings.HasPrefix(target, run+"/")
		}),
		removeEach(filepath.Join(cniCache, "results"), func(path string) bool {
			return strings.HasPrefix(filepath.Base(path), CNINetwork+"-")
		}),
	)
	if !listens(deviceSocket) {
		removeEmpty(deviceSocket)
	}
	devices := filepath.Dir(deviceSocket)
	removeEmpty(containerLogs, filepath.Join(cniCache, "results"), cniCache, devices, filepath.Dir(devices), mountTable)
	return err
}

func removeEach(folder string, ours func(path string) bool) error {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	problems := []error{err}
	for _, entry := range entries {
		if path := filepath.Join(folder, entry.Name()); ours(path) {
			problems = append(problems, os.Remove(path))
		}
	}
	return errors.Join(problems...)
}

// removeEmpty removes files, and folders that are empty; others stay, which is
// no error.
func removeEmpty(paths ...string) {
	for _, path := range paths {
		_ = os.Remove(path)
	}
}
