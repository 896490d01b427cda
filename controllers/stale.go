package controllers

import (
	"context"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
)

// How often a ready sidecar is asked whether it goes on with a value that is not the newest. One of an Ambassador's is
// enough: all mount the same Secrets. One that can not be asked, perhaps because a NetworkPolicy is in the way, is asked rarely.
const (
	staleAgain       = 2 * time.Minute
	staleUnreachable = 30 * time.Minute
)

// word is what a ready sidecar said last, and when one is to be asked again.
type word struct {
	stale []Lack
	next  time.Time
}

// gatherStale asks the first ready sidecar, if it is time, and else returns what was said last.
func (r *Reconciler) gatherStale(ctx context.Context, seen *observation) []Lack {
	a := seen.ambassador
	name := client.ObjectKeyFromObject(a)
	ready := slices.IndexFunc(seen.sidecars, func(s sidecar) bool { return s.ready && s.podReady })
	if ready < 0 || !needsSecrets(a) {
		return nil
	}
	last := r.memory.heard(name)
	if time.Now().Before(last.next) {
		return last.stale
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	lacks, err := r.Sidecars.Lacks(ctx, seen.sidecars[ready].address)
	if err != nil {
		r.memory.hear(name, word{last.stale, time.Now().Add(staleUnreachable)})
		return last.stale
	}
	stale := slices.DeleteFunc(slices.Clone(lacks), func(l Lack) bool { return !l.Kept || l.Ambassador != a.Name })
	r.memory.hear(name, word{stale, time.Now().Add(staleAgain)})
	return stale
}

func needsSecrets(a *v1alpha1.Ambassador) bool { return len(build.Secrets(build.Document(a))) > 0 }

// heard returns what a ready sidecar of an Ambassador said last; the zero word where none was asked.
func (m *memory) heard(name types.NamespacedName) word {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.words[name]
}

func (m *memory) hear(name types.NamespacedName, said word) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.words == nil {
		m.words = map[types.NamespacedName]word{}
	}
	m.words[name] = said
}
