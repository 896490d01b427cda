// Package volume writes folders for tests the way the kubelet writes the volume of a Secret or ConfigMap: every
// generation of files in a folder of its own, "..data" a link to the present one, and each key a link through it.
package volume

import (
	"fmt"
	"os"
	"path/filepath"
)

// Volume is one mounted folder. Its zero value is not ready; see New.
type Volume struct {
	folder     string
	generation int
	last       string
}

// New makes the folder, empty.
func New(folder string) (*Volume, error) {
	return &Volume{folder: folder}, os.MkdirAll(folder, 0o755)
}

// Write replaces all files in one step, and removes the generation before.
func (v *Volume) Write(files map[string]string) error {
	v.generation++
	name := fmt.Sprintf("..generation_%d", v.generation)
	if err := os.Mkdir(filepath.Join(v.folder, name), 0o755); err != nil {
		return err
	}
	for key, content := range files {
		if err := os.WriteFile(filepath.Join(v.folder, name, key), []byte(content), 0o644); err != nil {
			return err
		}
	}
	if err := v.point(name); err != nil {
		return err
	}
	if err := v.link(files); err != nil || v.last == "" {
		v.last = name
		return err
	}
	last := v.last
	v.last = name
	return os.RemoveAll(filepath.Join(v.folder, last))
}

// point switches "..data" to a generation.
func (v *Volume) point(name string) error {
	next := filepath.Join(v.folder, "..data_tmp")
	if err := os.Symlink(name, next); err != nil {
		return err
	}
	return os.Rename(next, filepath.Join(v.folder, "..data"))
}

// link makes the links that are missing and removes those of keys that are gone.
func (v *Volume) link(files map[string]string) error {
	entries, err := os.ReadDir(v.folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if _, wanted := files[entry.Name()]; !wanted && entry.Name()[0] != '.' {
			if err := os.Remove(filepath.Join(v.folder, entry.Name())); err != nil {
				return err
			}
		}
	}
	for key := range files {
		err := os.Symlink(filepath.Join("..data", key), filepath.Join(v.folder, key))
		if err != nil && !os.IsExist(err) {
			return err
		}
	}
	return nil
}
