package node

import (
	"embed"
	"os"
	"path/filepath"
	"regexp"
	"text/template"

	"github.com/ambassador-operator/ambassador-operator/test/cluster/internal/host"
	"github.com/ambassador-operator/ambassador-operator/test/cluster/internal/state"
)

// Pause is the image of each Pod's sandbox.
const Pause = "ambassador.local/pause:1"

//go:embed config
var configs embed.FS

var templates = template.Must(template.ParseFS(configs, "config/*"))

// destinations are where below run each configuration is written.
var destinations = map[string]string{
	"Corefile":        "Corefile",
	"cni.conflist":    "cni/10-" + host.CNINetwork + ".conflist",
	"containerd.toml": "containerd.toml",
	"kube-proxy.yaml": "kube-proxy.yaml",
	"kubelet.yaml":    "kubelet.yaml",
}

// values are what the configurations are filled with.
type values struct {
	Bin, Run, Sockets, CNI    string
	Cgroup, CNINetwork, Pause string
	Node, Pods                string
	// Nameservers is whether this machine knows any that CoreDNS can ask.
	Nameservers bool
}

var nameserver = regexp.MustCompile(`(?m)^nameserver\s`)

func writeConfigs(dir state.Dir) error {
	cni, err := host.CNIFolder()
	if err != nil {
		return err
	}
	resolv, err := os.ReadFile("/etc/resolv.conf")
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	fill := values{
		Bin: dir.Bin(""), Run: dir.Run(), Sockets: state.Sockets, CNI: cni,
		Cgroup: host.Cgroup, CNINetwork: host.CNINetwork, Pause: Pause,
		Node: host.Node, Pods: host.Pods,
		Nameservers: nameserver.Match(resolv),
	}
	for name, destination := range destinations {
		if err := write(dir.Run(destination), name, fill); err != nil {
			return err
		}
	}
	return nil
}

func write(path, name string, fill values) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return templates.ExecuteTemplate(file, name, fill)
}
