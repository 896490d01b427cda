package manager

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"runtime/debug"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/flowcontrol"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/metrics/filters"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/controllers"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
)

// These are the rights that the process itself needs: to elect a leader in its own namespace, and to have the API server
// judge who reads its metrics.
//
// +kubebuilder:rbac:groups=coordination.k8s.io,namespace=ambassador-system,resources=leases,verbs=get;create;update
// +kubebuilder:rbac:groups="",namespace=ambassador-system,resources=events,verbs=create;patch
// +kubebuilder:rbac:groups=authentication.k8s.io,resources=tokenreviews,verbs=create
// +kubebuilder:rbac:groups=authorization.k8s.io,resources=subjectaccessreviews,verbs=create

// stopTime is how long work under way may take when the process is told to stop. It is shorter than the Pod's grace.
const stopTime = 20 * time.Second

// Log has all logs of the process written to out as one JSON object a line.
func Log(out io.Writer, level slog.Level) {
	logger := logr.FromSlogHandler(slog.NewJSONHandler(out, &slog.HandlerOptions{Level: level}))
	ctrl.SetLogger(logger)
	klog.SetLogger(logger)
}

// gcPercent has the garbage collector work twice as often as by default: what the operator holds is nearly all cache, and
// it has time.
const gcPercent = 50

// Run serves Ambassadors of the cluster until the context ends; then it finishes what is under way and gives up the Lease.
// The process must exit when it returns.
func Run(ctx context.Context, cluster *rest.Config, options *Options) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	manager, err := New(cluster, options)
	if err != nil {
		return err
	}
	reconciler := &controllers.Reconciler{
		Client:   manager.GetClient(),
		Live:     manager.GetAPIReader(),
		Recorder: manager.GetEventRecorder(build.FieldOwner),
		Sidecars: controllers.NewHTTPSidecars(),
		Build:    build.Options{SidecarImage: options.SidecarImage},
	}
	if err := reconciler.Setup(ctx, manager, controller.Options{MaxConcurrentReconciles: options.Concurrency}); err != nil {
		return err
	}
	if err := addChecks(manager); err != nil {
		return err
	}
	ctrl.Log.Info("starting", "sidecarImage", options.SidecarImage, "namespaces", options.Namespaces)
	if err := manager.Start(ctx); err != nil {
		return fmt.Errorf("running the manager: %w", err)
	}
	return nil
}

// New returns a manager with the operator's cache, leases and servers, and no controller yet.
func New(cluster *rest.Config, options *Options) (ctrl.Manager, error) {
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return nil, fmt.Errorf("registering types: %w", err)
	}
	cacheOptions := controllers.CacheOptions(options.Namespaces)
	if options.Resync > 0 {
		cacheOptions.SyncPeriod = &options.Resync
	}
	manager, err := ctrl.NewManager(limited(cluster, options), ctrl.Options{
		Scheme: scheme,
		Cache:  cacheOptions,
		Metrics: metricsserver.Options{
			BindAddress:    options.MetricsAddress,
			SecureServing:  true,
			FilterProvider: filters.WithAuthenticationAndAuthorization,
			// Without HTTP/2: nothing that scrapes needs it, and its flow control has been a way to exhaust servers.
			TLSOpts: []func(*tls.Config){func(c *tls.Config) { c.NextProtos = []string{"http/1.1"} }},
		},
		HealthProbeBindAddress:        options.HealthAddress,
		LeaderElection:                options.LeaderElection,
		LeaderElectionID:              build.FieldOwner,
		LeaderElectionNamespace:       options.LeaderElectionNamespace,
		LeaderElectionConfig:          cluster,
		LeaderElectionReleaseOnCancel: true,
		GracefulShutdownTimeout:       new(stopTime),
		// A standby keeps its cache warm, so that it is at work as soon as it leads.
		Controller: config.Controller{EnableWarmup: new(true)},
	})
	if err != nil {
		return nil, fmt.Errorf("making the manager: %w", err)
	}
	return manager, nil
}

// limited returns the configuration with one bound for all requests; without it each kind of object would have its own.
func limited(cluster *rest.Config, options *Options) *rest.Config {
	out := rest.CopyConfig(cluster)
	out.QPS = -1
	if options.QPS > 0 {
		out.RateLimiter = flowcontrol.NewTokenBucketRateLimiter(float32(options.QPS), options.Burst)
	}
	return out
}

// addChecks has the process live while it answers, and ready once its cache holds the cluster's state.
func addChecks(manager ctrl.Manager) error {
	synced := func(request *http.Request) error {
		ctx, cancel := context.WithTimeout(request.Context(), 500*time.Millisecond)
		defer cancel()
		if !manager.GetCache().WaitForCacheSync(ctx) {
			return errors.New("the cache is not filled yet")
		}
		return nil
	}
	return errors.Join(manager.AddHealthzCheck("ping", healthz.Ping), manager.AddReadyzCheck("cache", synced))
}
