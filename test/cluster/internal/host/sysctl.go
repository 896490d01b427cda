package host

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// sysctls are the kernel settings that the kubelet, kube-proxy and CNI plugins change.
var sysctls = []string{
	"kernel/keys/root_maxbytes",
	"kernel/keys/root_maxkeys",
	"kernel/panic",
	"kernel/panic_on_oops",
	"net/ipv4/ip_forward",
	"net/ipv6/conf/all/forwarding",
	"net/netfilter/nf_conntrack_tcp_be_liberal",
	"vm/overcommit_memory",
	"vm/panic_on_oom",
}

// SaveSysctls writes to file the settings as they are, for RestoreSysctls.
func SaveSysctls(file string) error {
	saved := map[string]string{}
	for _, name := range sysctls {
		value, err := os.ReadFile(filepath.Join("/proc/sys", name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		saved[name] = strings.TrimSpace(string(value))
	}
	text, err := json.Marshal(saved)
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

// RestoreSysctls sets what has changed since SaveSysctls back. A missing file
// means that nothing was changed.
func RestoreSysctls(file string) error {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	saved := map[string]string{}
	if err := json.Unmarshal(text, &saved); err != nil {
		return fmt.Errorf("reading %s: %w", file, err)
	}
	var problems []error
	for name, value := range saved {
		problems = append(problems, restore(filepath.Join("/proc/sys", name), value))
	}
	return errors.Join(problems...)
}

func restore(path, value string) error {
	now, err := os.ReadFile(path)
	if err != nil || strings.TrimSpace(string(now)) == value {
		return err
	}
	return os.WriteFile(path, []byte(value), 0o644)
}
