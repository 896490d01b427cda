// Package state names the places of the cluster's one state folder, so that no
// other package spells a path of its own.
//
//	bin/ envtest/   programs, kept between runs
//	images/         image archives, kept between runs
//	logs/           one file a daemon, of the last start
//	run/            everything that lives only while the cluster does
//	kubeconfig      how to reach it, while it runs
package state

import (
	"fmt"
	"path/filepath"
)

// maxLength keeps the kubelet's socket paths within the 107 bytes that Linux allows.
const maxLength = 60

// Sockets is the folder for sockets, short because Linux bounds their paths.
const Sockets = "/run/ambassador-cluster"

// Dir is the absolute path of the state folder.
type Dir string

// Check says whether sockets below the folder would have paths too long for Linux.
func (d Dir) Check() error {
	if len(d) > maxLength {
		return fmt.Errorf("state folder %s: %d bytes long, more than the %d that socket paths leave: use a checkout nearer to the root", d, len(d), maxLength)
	}
	return nil
}

// Bin is the path of a program, or of the programs' folder where name is empty.
func (d Dir) Bin(name string) string { return filepath.Join(string(d), "bin", name) }

// Envtest is the folder for KUBEBUILDER_ASSETS.
func (d Dir) Envtest() string { return filepath.Join(string(d), "envtest") }

// Image is the path of the archive that holds an image.
func (d Dir) Image(name string) string { return filepath.Join(string(d), "images", name+".tar") }

// Log is the path of a daemon's log.
func (d Dir) Log(name string) string { return filepath.Join(string(d), "logs", name+".log") }

// Run is a path below the folder that lives as long as the cluster.
func (d Dir) Run(elem ...string) string {
	return filepath.Join(append([]string{string(d), "run"}, elem...)...)
}

// Kubeconfig is the path of the administrator's kubeconfig.
func (d Dir) Kubeconfig() string { return filepath.Join(string(d), "kubeconfig") }
