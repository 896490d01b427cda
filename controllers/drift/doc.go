// Package drift tells whether a live object still says everything that was applied to it.
//
// It compares the fields that were written and no others: what another owner added (an annotation, a replica count, an
// injected container) is not drift. It does not know which fields were written earlier and are not any more; the caller
// keeps a hash of what it applied for that. It works on the Go types of k8s.io/api, so that quantities and times are
// compared by meaning and lists are matched by the merge keys that those types carry.
//
//	desired, live -> Find -> "" (nothing to do) or the path of the first field that differs
package drift
