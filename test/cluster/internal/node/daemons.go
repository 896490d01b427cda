package node

import (
	"github.com/ambassador-operator/ambassador-operator/test/cluster/internal/host"
	"github.com/ambassador-operator/ambassador-operator/test/cluster/internal/state"
)

// etcdURL and etcdPeerURL are where etcd listens, with certificates both ways.
const (
	etcdURL     = "https://127.0.0.1:12379"
	etcdPeerURL = "https://127.0.0.1:12380"
)

// ports are everything that the daemons listen on.
var ports = []string{
	"127.0.0.1:12379", "127.0.0.1:12380",
	host.Node + ":53", host.Node + ":6443", host.Node + ":10248", host.Node + ":10249", host.Node + ":10250",
	host.Node + ":10256", host.Node + ":10257", host.Node + ":10259",
}

// A daemon is one long-running program of the cluster.
type daemon struct {
	name string
	args []string
}

func etcd(dir state.Dir) daemon {
	pki := dir.Run("pki")
	return daemon{"etcd", []string{
		"--name=" + Name,
		"--data-dir=" + dir.Run("etcd"),
		"--listen-client-urls=" + etcdURL, "--advertise-client-urls=" + etcdURL,
		"--listen-peer-urls=" + etcdPeerURL, "--initial-advertise-peer-urls=" + etcdPeerURL,
		"--initial-cluster=" + Name + "=" + etcdPeerURL,
		"--client-cert-auth", "--trusted-ca-file=" + pki + "/ca.crt",
		"--cert-file=" + pki + "/etcd.crt", "--key-file=" + pki + "/etcd.key",
		"--peer-client-cert-auth", "--peer-trusted-ca-file=" + pki + "/ca.crt",
		"--peer-cert-file=" + pki + "/etcd.crt", "--peer-key-file=" + pki + "/etcd.key",
		// What a power cut loses is thrown away anyway.
		"--unsafe-no-fsync",
		"--log-level=warn",
	}}
}

func apiServer(dir state.Dir) daemon {
	pki := dir.Run("pki")
	return daemon{"kube-apiserver", []string{
		"--bind-address=" + host.Node, "--advertise-address=" + host.Node,
		"--etcd-servers=" + etcdURL, "--etcd-cafile=" + pki + "/ca.crt",
		"--etcd-certfile=" + pki + "/kube-apiserver.crt", "--etcd-keyfile=" + pki + "/kube-apiserver.key",
		"--tls-cert-file=" + pki + "/kube-apiserver.crt", "--tls-private-key-file=" + pki + "/kube-apiserver.key",
		"--client-ca-file=" + pki + "/ca.crt",
		"--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction",
		"--allow-privileged=true",
		"--service-cluster-ip-range=" + host.Services,
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file=" + pki + "/service-accounts.pub",
		"--service-account-signing-key-file=" + pki + "/service-accounts.key",
		// kubectl exec and logs reach the kubelet by address: its name is in no DNS.
		"--kubelet-preferred-address-types=InternalIP",
		"--kubelet-certificate-authority=" + pki + "/ca.crt",
		"--kubelet-client-certificate=" + pki + "/kube-apiserver.crt", "--kubelet-client-key=" + pki + "/kube-apiserver.key",
	}}
}

func controllerManager(dir state.Dir) daemon {
	kubeconfig := dir.Run("kube-controller-manager.kubeconfig")
	return daemon{"kube-controller-manager", []string{
		"--bind-address=" + host.Node,
		"--kubeconfig=" + kubeconfig, "--authentication-kubeconfig=" + kubeconfig, "--authorization-kubeconfig=" + kubeconfig,
		"--leader-elect=false", "--use-service-account-credentials",
		"--flex-volume-plugin-dir=" + dir.Run("volume-plugins"),
		"--root-ca-file=" + dir.Run("pki", "ca.crt"),
		"--service-account-private-key-file=" + dir.Run("pki", "service-accounts.key"),
	}}
}

func scheduler(dir state.Dir) daemon {
	kubeconfig := dir.Run("kube-scheduler.kubeconfig")
	return daemon{"kube-scheduler", []string{
		"--bind-address=" + host.Node,
		"--kubeconfig=" + kubeconfig, "--authentication-kubeconfig=" + kubeconfig, "--authorization-kubeconfig=" + kubeconfig,
		"--leader-elect=false",
	}}
}

func kubeProxy(dir state.Dir) daemon {
	return daemon{"kube-proxy", []string{"--config=" + dir.Run("kube-proxy.yaml"), "--hostname-override=" + Name}}
}

func containerd(dir state.Dir) daemon {
	return daemon{"containerd", []string{"--config=" + dir.Run("containerd.toml")}}
}

func kubelet(dir state.Dir) daemon {
	return daemon{"kubelet", []string{
		"--config=" + dir.Run("kubelet.yaml"), "--kubeconfig=" + dir.Run("kubelet.kubeconfig"),
		"--root-dir=" + dir.Run("kubelet"), "--cert-dir=" + dir.Run("kubelet-pki"),
		"--hostname-override=" + Name, "--node-ip=" + host.Node,
	}}
}

func coreDNS(dir state.Dir) daemon {
	return daemon{"coredns", []string{"-conf", dir.Run("Corefile")}}
}
