package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
)

// sidecarImage is what both parties build with.
const sidecarImage = "ghcr.io/ambassador-operator/ambassador:bench"

func namespace(name string) *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
}

func ambassador(namespace string, i int) *v1alpha1.Ambassador {
	return &v1alpha1.Ambassador{
		ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("movies-%d", i), Namespace: namespace},
		Spec: v1alpha1.AmbassadorSpec{
			Port:        8080,
			Upstream:    v1alpha1.Upstream{URL: "https://api.themoviedb.org/3"},
			Secret:      &v1alpha1.SecretReference{Name: "themoviedb"},
			Credentials: []v1alpha1.Credential{{Query: &v1alpha1.QueryCredential{Name: "api_key", Key: "apikey"}}},
			Routes:      []v1alpha1.Route{{Path: "/movies", UpstreamPath: "/discover/movie", Methods: []v1alpha1.Method{"GET"}}},
			Workload: &v1alpha1.Workload{
				Kind:     v1alpha1.DeploymentWorkload,
				Replicas: new(int32(2)),
				Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "ghcr.io/acme/app:1.4"}}}},
			},
		},
	}
}

// inParallel calls work for 0 to n-1 from b.concurrency goroutines, and returns the first error.
func (b *bench) inParallel(ctx context.Context, n int, work func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan int)
	var workers sync.WaitGroup
	for range b.concurrency {
		workers.Go(func() {
			for i := range next {
				if err := work(ctx, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	for i := range n {
		select {
		case next <- i:
		case <-ctx.Done():
		}
	}
	close(next)
	workers.Wait()
	return context.Cause(ctx)
}

// createBare creates what the operator would have in the end, and Ambassadors that nobody serves.
func (b *bench) createBare(ctx context.Context, namespace string, n int) (time.Duration, error) {
	start := time.Now()
	err := b.inParallel(ctx, n, func(ctx context.Context, i int) error {
		a := ambassador(namespace, i)
		if err := b.kube.Create(ctx, a); err != nil {
			return fmt.Errorf("creating an Ambassador: %w", err)
		}
		objects, err := build.New(a, build.Options{SidecarImage: sidecarImage})
		if err != nil {
			return err
		}
		for _, object := range objects.List() {
			if err := b.kube.Create(ctx, object); err != nil {
				return fmt.Errorf("creating a child: %w", err)
			}
		}
		return nil
	})
	return time.Since(start), err
}

// converge creates the Ambassadors and waits until each has been accepted, which it is once its children are applied.
func (b *bench) converge(ctx context.Context) (time.Duration, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	accepted, err := b.watchAccepted(ctx)
	if err != nil {
		return 0, err
	}
	start := time.Now()
	err = b.inParallel(ctx, b.ambassadors, func(ctx context.Context, i int) error {
		return b.kube.Create(ctx, ambassador(operatorNamespace, i))
	})
	if err != nil {
		return 0, fmt.Errorf("creating Ambassadors: %w", err)
	}
	for names := map[string]bool{}; len(names) < b.ambassadors; {
		select {
		case name := <-accepted:
			names[name] = true
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	took := time.Since(start)
	return took, b.checkChildren(ctx)
}

// watchAccepted sends the name of an Ambassador each time it is seen accepted, until the context ends.
func (b *bench) watchAccepted(ctx context.Context) (<-chan string, error) {
	watching, err := cache.New(b.server, cache.Options{
		Scheme:            b.kube.Scheme(),
		DefaultNamespaces: map[string]cache.Config{operatorNamespace: {}},
	})
	if err != nil {
		return nil, fmt.Errorf("watching Ambassadors: %w", err)
	}
	informer, err := watching.GetInformer(ctx, &v1alpha1.Ambassador{}, cache.BlockUntilSynced(false))
	if err != nil {
		return nil, fmt.Errorf("watching Ambassadors: %w", err)
	}
	accepted := make(chan string, 16*b.ambassadors)
	_, err = informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{UpdateFunc: func(_, now any) {
		if a := now.(*v1alpha1.Ambassador); isAccepted(a) {
			accepted <- a.Name
		}
	}})
	if err != nil {
		return nil, fmt.Errorf("watching Ambassadors: %w", err)
	}
	go watching.Start(ctx) //nolint:errcheck // it ends with the context
	if !watching.WaitForCacheSync(ctx) {
		return nil, ctx.Err()
	}
	return accepted, nil
}

func isAccepted(a *v1alpha1.Ambassador) bool {
	for _, condition := range a.Status.Conditions {
		if condition.Type == v1alpha1.ConditionAccepted {
			return condition.Status == metav1.ConditionTrue
		}
	}
	return false
}

// checkChildren holds the operator to having made as many objects as the bare client.
func (b *bench) checkChildren(ctx context.Context) error {
	for _, kind := range []string{"DeploymentList", "ConfigMapList"} {
		list := &metav1.PartialObjectMetadataList{}
		list.Kind, list.APIVersion = kind, "v1"
		if kind == "DeploymentList" {
			list.APIVersion = "apps/v1"
		}
		if err := b.kube.List(ctx, list, client.InNamespace(operatorNamespace), client.HasLabels{build.AmbassadorLabel}); err != nil {
			return fmt.Errorf("listing children: %w", err)
		}
		if len(list.Items) != b.ambassadors {
			return fmt.Errorf("%s: %d objects for %d Ambassadors", kind, len(list.Items), b.ambassadors)
		}
	}
	return nil
}
