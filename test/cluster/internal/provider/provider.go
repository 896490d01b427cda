// Package provider is where a cluster comes from: made on this machine from
// public modules, made by kind, or a person's own.
package provider

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/ambassador-operator/ambassador-operator/test/cluster/internal/state"
)

// A Provider gives a cluster. Calls are idempotent.
type Provider interface {
	// Build prepares what Up starts. It needs no privilege.
	Build(ctx context.Context) error
	// Up returns when the cluster runs Pods.
	Up(ctx context.Context) error
	// Load makes the images of docker archives known to the cluster's nodes.
	Load(ctx context.Context, archives ...string) error
	// Status is nil where the cluster can be used, and else says why not.
	Status(ctx context.Context) error
	// Down ends what Up started.
	Down(ctx context.Context) error
	// Kubeconfig is the path of the file by which the cluster is reached.
	Kubeconfig() string
}

// Names are the providers that New knows.
var Names = []string{"embedded", "kind", "current"}

// New is the provider of a name, with a state folder at the repository's root.
func New(name string, dir state.Dir, progress io.Writer) (Provider, error) {
	switch name {
	case "embedded":
		return embedded{dir: dir, module: filepath.Join(filepath.Dir(string(dir)), "test", "cluster"), progress: progress}, nil
	case "kind":
		return kind{dir: dir, progress: progress}, nil
	case "current":
		return current{progress: progress}, nil
	}
	return nil, fmt.Errorf("no provider %q: CLUSTER is one of %v", name, Names)
}
