package pki

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
)

const kubeconfig = `apiVersion: v1
kind: Config
current-context: ambassador-cluster
contexts:
- name: ambassador-cluster
  context: {cluster: ambassador-cluster, user: %[1]s}
clusters:
- name: ambassador-cluster
  cluster:
    server: %[2]s
    certificate-authority-data: %[3]s
users:
- name: %[1]s
  user:
    client-certificate-data: %[4]s
    client-key-data: %[5]s
`

// Kubeconfig writes to path how the identity issued as file reaches the API
// server. It holds its certificates, so that it can be copied elsewhere.
func (a *Authority) Kubeconfig(path, file, server string) error {
	var data [3]string
	for i, name := range []string{"ca.crt", file + ".crt", file + ".key"} {
		content, err := os.ReadFile(filepath.Join(a.folder, name))
		if err != nil {
			return err
		}
		data[i] = base64.StdEncoding.EncodeToString(content)
	}
	text := fmt.Sprintf(kubeconfig, file, server, data[0], data[1], data[2])
	return os.WriteFile(path, []byte(text), 0o600)
}
