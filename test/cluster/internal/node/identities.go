package node

import (
	"os"
	"path/filepath"
	"syscall"

	"github.com/ambassador-operator/ambassador-operator/test/cluster/internal/host"
	"github.com/ambassador-operator/ambassador-operator/test/cluster/internal/pki"
	"github.com/ambassador-operator/ambassador-operator/test/cluster/internal/state"
)

// Name is the name of the one node.
const Name = "ambassador"

// server is where the API server is reached, from Pods too.
const server = "https://" + host.Node + ":6443"

// serviceIP is the first address of Services, which is the API server's.
const serviceIP = "10.231.128.1"

// identities are the holders of certificates, by file name.
var identities = map[string]pki.Identity{
	"admin":                   {Name: "admin", Group: "system:masters"},
	"etcd":                    {Name: "etcd", Hosts: []string{"127.0.0.1"}},
	"kube-apiserver":          {Name: "kube-apiserver", Group: "system:masters", Hosts: apiServerHosts},
	"kube-controller-manager": {Name: "system:kube-controller-manager"},
	"kube-proxy":              {Name: "system:kube-proxy"},
	"kube-scheduler":          {Name: "system:kube-scheduler"},
	"kubelet":                 {Name: "system:node:" + Name, Group: "system:nodes", Hosts: []string{Name, host.Node}},
}

var apiServerHosts = []string{
	host.Node, serviceIP, "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
}

func writeIdentities(dir state.Dir) error {
	authority, err := pki.New(dir.Run("pki"))
	if err != nil {
		return err
	}
	if err := authority.KeyPair("service-accounts"); err != nil {
		return err
	}
	for file, who := range identities {
		if err := authority.Issue(file, who); err != nil {
			return err
		}
		if err := authority.Kubeconfig(dir.Run(file+".kubeconfig"), file, server); err != nil {
			return err
		}
	}
	if err := authority.Kubeconfig(dir.Kubeconfig(), "admin", server); err != nil {
		return err
	}
	return giveAway(dir.Kubeconfig())
}

// giveAway gives a file that root wrote to the owner of its folder, who may be
// the person that called sudo.
func giveAway(path string) error {
	info, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return err
	}
	owner := info.Sys().(*syscall.Stat_t)
	return os.Chown(path, int(owner.Uid), int(owner.Gid))
}
