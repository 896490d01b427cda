// Package e2e holds the tests that need a whole cluster: a kubelet that runs
// Pods, a network that reaches services, an operator that is installed as a
// person installs it. What an API server alone can show is tested elsewhere.
//
// `make test-e2e` prepares the cluster and gives it in KUBECONFIG. Every
// namespace that the tests make enforces the Pod Security standard restricted.
package e2e
