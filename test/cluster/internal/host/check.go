package host

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// tools are the programs that the cluster calls, with the Debian package of each.
var tools = map[string]string{"runc": "runc", "nft": "nftables", "mount": "mount", "sh": "dash"}

// cniPlugins are looked for in cniFolders.
var cniPlugins = []string{"ptp", "host-local"}

// cniFolders are where Debian and most others keep CNI plugins.
var cniFolders = []string{"/usr/lib/cni", "/opt/cni/bin"}

// Check says everything that this machine lacks for a cluster, at once.
func Check() error {
	if runtime.GOOS != "linux" {
		return fmt.Errorf("the embedded cluster needs Linux, and this is %s: use CLUSTER=kind or CLUSTER=current", runtime.GOOS)
	}
	if os.Geteuid() != 0 {
		return errors.New("the embedded cluster needs root, for containers and their network: run make as root or with sudo")
	}
	var missing []error
	for tool, pkg := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			missing = append(missing, fmt.Errorf("%s is missing: apt-get install %s", tool, pkg))
		}
	}
	if _, err := CNIFolder(); err != nil {
		missing = append(missing, err)
	}
	return errors.Join(missing...)
}

// CNIFolder is the folder that holds the CNI plugins.
func CNIFolder() (string, error) {
	for _, folder := range cniFolders {
		if holdsAll(folder, cniPlugins) {
			return folder, nil
		}
	}
	return "", fmt.Errorf("no CNI plugins in %s: apt-get install containernetworking-plugins", strings.Join(cniFolders, " or "))
}

func holdsAll(folder string, names []string) bool {
	for _, name := range names {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			return false
		}
	}
	return true
}

// CheckPorts says which of the addresses that the cluster will listen on is taken.
func CheckPorts(addresses ...string) error {
	var taken []error
	for _, address := range addresses {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			taken = append(taken, fmt.Errorf("the cluster needs %s, which is taken (ss -ltnp tells by whom): %w", address, err))
			continue
		}
		listener.Close()
	}
	return errors.Join(taken...)
}
