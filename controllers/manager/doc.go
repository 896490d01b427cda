// Package manager is the operator as a process: it reads flags, connects to a cluster and runs the reconciler of package
// controllers with leader election, health checks and guarded metrics until it is told to stop.
//
//	flags, environment -> Options -> Run: manager(cache, leases, /healthz, /readyz, /metrics) <- controllers.Reconciler
package manager
