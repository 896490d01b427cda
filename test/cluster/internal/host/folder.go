package host

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// CNINetwork is the name of the CNI network, by which its cached results are found.
const CNINetwork = "ambassador-cluster"

// Places outside the state folder that the kubelet and libcni choose themselves.
const (
	containerLogs = "/var/log/containers"
	cniCache      = "/var/lib/cni"
)

// RemoveStrays removes what the kubelet and libcni leave in folders of their
// own choice: links to logs below run, and cached results of the cluster's
// network. The folders go too where nothing else is in them.
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
	removeEmpty(containerLogs, filepath.Join(cniCache, "results"), cniCache)
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

// removeEmpty removes folders that are empty; others stay, which is no error.
func removeEmpty(folders ...string) {
	for _, folder := range folders {
		_ = os.Remove(folder)
	}
}
