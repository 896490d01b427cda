package controllers

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ambassador-operator/ambassador-operator/controllers/build"
)

// Reconciler makes the cluster hold what Ambassadors ask for. Several may run at once, in one process or in two: each
// write is one that may be repeated.
type Reconciler struct {
	// Client reads from the cache that [CacheOptions] describes, and writes. Required.
	Client client.Client
	// Live reads from the API server: objects that the cache does not hold because they are not ours. Required.
	Live client.Reader
	// Recorder takes Events. Required.
	Recorder events.EventRecorder
	// Sidecars tells what a sidecar that is not ready lacks. Required.
	Sidecars Sidecars
	// Build is handed to the builders. Required.
	Build build.Options

	memory memory
}

// Reconcile brings one Ambassador a pass further: it gathers what is there, decides what should be, applies the
// difference and reports in one status write. It returns an error only where trying again soon may help.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	seen, err := r.gather(ctx, request.NamespacedName)
	if err != nil || seen == nil {
		return ctrl.Result{}, err
	}
	wanted, refused := decide(seen.ambassador, seen.guests, r.Build, r.memory.judged(isSound))
	done := outcome{refusal: refused}
	if refused == nil {
		done = r.apply(ctx, seen, wanted)
	}
	if done.silent {
		return ctrl.Result{}, nil
	}
	status := judge(seen, wanted, &done)
	if err := r.report(ctx, seen.ambassador, status); apierrors.IsConflict(err) {
		return ctrl.Result{RequeueAfter: conflictAgain}, nil
	} else if err != nil {
		return ctrl.Result{}, err
	}
	return ctrl.Result{RequeueAfter: again(seen, &done)}, done.failure
}

// How long to wait before looking again at what no watch tells of.
const (
	// conflictAgain: the watch brings the newer version, most likely sooner.
	conflictAgain = time.Second
	// refusedAgain: a quota, an admission rule or a foreign object may have changed.
	refusedAgain = 30 * time.Second
	// sidecarAgain: a sidecar may lack something else than it did.
	sidecarAgain = 20 * time.Second
)

// again is how soon to look again where nothing else would have the Ambassador looked at; zero is not at all.
func again(seen *observation, done *outcome) time.Duration {
	switch {
	case done.refusal != nil && done.refusal.mayPass:
		return refusedAgain
	case seen.sidecarsLack():
		return sidecarAgain
	case len(seen.sidecars) > 0 && needsSecrets(seen.ambassador):
		return staleAgain
	default:
		return 0
	}
}
