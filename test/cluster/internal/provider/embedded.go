package provider

import (
	"context"
	"io"

	"github.com/ambassador-operator/ambassador-operator/test/cluster/internal/build"
	"github.com/ambassador-operator/ambassador-operator/test/cluster/internal/image"
	"github.com/ambassador-operator/ambassador-operator/test/cluster/internal/node"
	"github.com/ambassador-operator/ambassador-operator/test/cluster/internal/state"
)

// embedded runs every part of Kubernetes on this machine.
type embedded struct {
	dir      state.Dir
	module   string
	progress io.Writer
}

func (e embedded) Build(ctx context.Context) error {
	if err := build.Programs(ctx, e.dir, e.module, e.progress, build.All...); err != nil {
		return err
	}
	return image.Pause(e.dir)
}

func (e embedded) Up(ctx context.Context) error {
	return node.Up(ctx, e.dir, e.progress)
}

func (e embedded) Load(ctx context.Context, archives ...string) error {
	return node.Import(ctx, e.dir, archives...)
}

func (e embedded) Status(ctx context.Context) error {
	return node.Running(ctx, e.dir)
}

func (e embedded) Down(ctx context.Context) error {
	return node.Down(ctx, e.dir, e.progress)
}

func (e embedded) Kubeconfig() string { return e.dir.Kubeconfig() }
