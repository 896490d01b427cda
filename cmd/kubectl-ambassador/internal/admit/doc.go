// Package admit does to Ambassadors in files what the API server does at kubectl apply, without one: it refuses unknown
// fields, sets the defaults, and checks schema and rules with the API server's own code against the very
// CustomResourceDefinition that the operator is installed with. What has mistakes is returned with them, each with its line.
//
// It does not know what only a cluster knows: whether a Secret exists, a quota has room, or admission agrees.
//
//	bytes -> documents (YAML or JSON, line numbers kept) -> prune, default, validate -> *v1alpha1.Ambassador
package admit
