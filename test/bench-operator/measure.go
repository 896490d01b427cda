package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/flowcontrol"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
)

// The namespaces of both parties, and of what warms the API server up.
const (
	warmNamespace     = "warm"
	bareNamespace     = "bare"
	operatorNamespace = "operated"
)

func measure(ctx context.Context, s *settings) (r *result, err error) {
	fmt.Println("starting etcd and an API server")
	environment := &envtest.Environment{
		CRDDirectoryPaths:        []string{s.crds},
		ErrorIfCRDPathMissing:    true,
		ControlPlaneStartTimeout: 2 * time.Minute,
	}
	server, err := environment.Start()
	if err != nil {
		return nil, fmt.Errorf("starting the API server (make bench-operator provides it): %w", err)
	}
	defer func() { err = errors.Join(err, environment.Stop()) }()
	server.QPS = -1
	kubeconfig, err := environment.AddUser(envtest.User{Name: "operator", Groups: []string{"system:masters"}}, server)
	if err != nil {
		return nil, fmt.Errorf("adding a user: %w", err)
	}
	access, err := kubeconfig.KubeConfig()
	if err != nil {
		return nil, fmt.Errorf("writing a kubeconfig: %w", err)
	}
	b, err := newBench(ctx, s, server)
	if err != nil {
		return nil, err
	}
	return b.run(ctx, access)
}

type bench struct {
	*settings
	server *rest.Config
	kube   client.Client
}

func newBench(ctx context.Context, s *settings, server *rest.Config) (*bench, error) {
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return nil, err
	}
	kube, err := client.New(server, client.Options{Scheme: scheme})
	if err != nil {
		return nil, err
	}
	b := &bench{settings: s, server: server, kube: kube}
	for _, name := range []string{warmNamespace, bareNamespace, operatorNamespace} {
		if err := kube.Create(ctx, namespace(name)); err != nil {
			return nil, fmt.Errorf("creating namespace %s: %w", name, err)
		}
	}
	return b, nil
}

// limit gives the bench's client a full bucket of its own, as the operator has when it starts.
func (b *bench) limit() error {
	limited := rest.CopyConfig(b.server)
	if b.qps > 0 {
		limited.RateLimiter = flowcontrol.NewTokenBucketRateLimiter(float32(b.qps), b.burst)
	}
	kube, err := client.New(limited, client.Options{Scheme: b.kube.Scheme()})
	b.kube = kube
	return err
}

func (b *bench) run(ctx context.Context, kubeconfig []byte) (*result, error) {
	var r result
	if _, err := b.createBare(ctx, warmNamespace, min(b.ambassadors, 100)); err != nil {
		return nil, err
	}
	err := b.limit()
	if err != nil {
		return nil, err
	}
	fmt.Printf("creating %d objects with a bare client\n", 3*b.ambassadors)
	if err := b.withRequests(ctx, func() error { r.bare, err = b.createBare(ctx, bareNamespace, b.ambassadors); return err }); err != nil {
		return nil, err
	}
	operator, err := b.startOperator(ctx, kubeconfig)
	if err != nil {
		return nil, err
	}
	defer operator.stop()
	if r.before, err = operator.memory(); err != nil {
		return nil, err
	}
	if err := b.limit(); err != nil {
		return nil, err
	}
	fmt.Printf("creating %d Ambassadors for the operator\n", b.ambassadors)
	if err := b.withRequests(ctx, func() error { r.operator, err = b.converge(ctx); return err }); err != nil {
		return nil, err
	}
	fmt.Printf("converged; counting writes for %s\n", b.quiet)
	if r.writes, err = b.countWrites(ctx); err != nil {
		return nil, err
	}
	r.after, err = operator.memory()
	return &r, err
}

// withRequests lists the requests that the API server serves during the work, if that was asked for.
func (b *bench) withRequests(ctx context.Context, work func() error) error {
	if !b.verbose {
		return work()
	}
	before, err := b.requests(ctx)
	if err != nil {
		return err
	}
	if err := work(); err != nil {
		return err
	}
	after, err := b.requests(ctx)
	printRequests(before, after)
	return err
}
