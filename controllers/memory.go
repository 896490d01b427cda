package controllers

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
)

// memory is what a Reconciler remembers between passes. To lose it costs a request or two, never correctness. The zero
// value is empty and ready.
type memory struct {
	mu sync.Mutex
	// reported holds the resource version that the last status write of an Ambassador gave it.
	reported map[types.NamespacedName]string
	// settled holds what could not be changed: the fingerprint of a child that the API server left as it was when it was
	// sent what should be, because admission rewrites it.
	settled map[types.NamespacedName]map[types.UID]string
	// verdicts holds what was said of an Ambassador by itself: to run its programs on its examples may take seconds.
	verdicts map[types.NamespacedName]verdict
	// words holds what ready sidecars said last.
	words map[types.NamespacedName]word
}

// verdict is what was said of one generation of an Ambassador.
type verdict struct {
	uid        types.UID
	generation int64
	refusal    *refusal
	// until is when it is no longer to be relied on. Zero: it always is.
	until time.Time
}

// refusedFor is how long a refusal that may pass is relied on.
const refusedFor = 5 * time.Minute

// judged returns the judgement as one that is made once for each generation of an Ambassador, and of one that is refused
// and may pass, again after a while.
func (m *memory) judged(judge judgement) judgement {
	return func(a *v1alpha1.Ambassador) *refusal {
		name := client.ObjectKeyFromObject(a)
		m.mu.Lock()
		last, known := m.verdicts[name]
		m.mu.Unlock()
		if known && last.uid == a.UID && last.generation == a.Generation && (last.until.IsZero() || time.Now().Before(last.until)) {
			return last.refusal
		}
		next := verdict{uid: a.UID, generation: a.Generation, refusal: judge(a)}
		if next.refusal != nil && next.refusal.mayPass {
			next.until = time.Now().Add(refusedFor)
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.verdicts == nil {
			m.verdicts = map[types.NamespacedName]verdict{}
		}
		m.verdicts[name] = next
		return next.refusal
	}
}

// wrote records the resource version that an Ambassador got with its status.
func (m *memory) wrote(name types.NamespacedName, version string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.reported == nil {
		m.reported = map[types.NamespacedName]string{}
	}
	m.reported[name] = version
}

// behind reports whether this version of an Ambassador is older than the last status write: the cache has yet to bring
// that, and will bring the Ambassador back with it.
func (m *memory) behind(name types.NamespacedName, version string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	written, known := m.reported[name]
	if !known {
		return false
	}
	order, err := resourceversion.CompareResourceVersion(version, written)
	if err == nil && order < 0 {
		return true
	}
	delete(m.reported, name)
	return false
}

// forget drops what is known of an Ambassador that is gone.
func (m *memory) forget(name types.NamespacedName) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.reported, name)
	delete(m.settled, name)
	delete(m.verdicts, name)
	delete(m.words, name)
}

// settle records that an Ambassador's child with this fingerprint can not be brought closer to what it should be.
func (m *memory) settle(a *v1alpha1.Ambassador, child types.UID, fingerprint string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	name := client.ObjectKeyFromObject(a)
	if m.settled == nil {
		m.settled = map[types.NamespacedName]map[types.UID]string{}
	}
	if m.settled[name] == nil {
		m.settled[name] = map[types.UID]string{}
	}
	m.settled[name][child] = fingerprint
}

// isSettled reports whether settle was called for the child as it is now.
func (m *memory) isSettled(a *v1alpha1.Ambassador, child types.UID, fingerprint string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.settled[client.ObjectKeyFromObject(a)][child] == fingerprint
}
