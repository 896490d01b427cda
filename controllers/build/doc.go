// Package build makes the objects that an Ambassador stands for: its sidecar's document, the ConfigMap that carries it,
// and the Deployment or Pod with the sidecar in it.
//
// Everything here is a pure function of the resource and the [Options]: no client, no clock, no logger, no map order.
// The operator and `kubectl ambassador render` use the very same functions. Two versions of the operator must build the
// same Pod template from the same resource, or an upgrade would roll every Pod; the golden files in testdata pin that.
//
// A sidecar serves the Ambassador whose workload it stands in, and the guests that the workload's template takes in.
//
//	Ambassador, guests -> Document -> ConfigMap ------\
//	     |                    \-> Secrets and keys --\ \
//	     \-> template + sidecar ----------------------+-> Deployment | Pod -> ApplyConfiguration, with a hash of itself
package build
