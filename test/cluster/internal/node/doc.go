// Package node knows each daemon of the cluster: its arguments, its
// configuration, when it is ready, and in what order all of them start.
//
//	etcd -> kube-apiserver -> the rest of the control plane
//	                       -> containerd -> kubelet -> a node that is Ready
//
// Nothing restarts a daemon: where one ends, the cluster is broken and says so.
package node
