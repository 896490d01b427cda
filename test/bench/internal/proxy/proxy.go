package proxy

import (
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"github.com/ambassador-operator/ambassador-operator/test/bench/internal/wire"
)

// Names of the proxies, in the order of the tables.
const (
	Sidecar      = "ambassador"
	Baseline     = "baseline"
	Nginx        = "nginx"
	HAProxy      = "haproxy-http"
	HAProxyTCP   = "haproxy-tcp"
	Caddy        = "caddy"
	ReverseProxy = "reverseproxy"
)

// The two of which every answer but the first comes from a cache.
const (
	CachedSidecar = "ambassador-cached"
	CachedNginx   = "nginx-cached"
)

// Names lists every proxy in the order of the tables. Those with a cache do less, and are measured only where asked for.
var (
	Names  = []string{Sidecar, Baseline, Nginx, HAProxy, HAProxyTCP, Caddy, ReverseProxy}
	Cached = []string{CachedSidecar, CachedNginx}
)

// Setup is what the proxies have in common.
type Setup struct {
	Dir           string // for their files; each proxy gets a folder in it
	CA            string // the PEM file that proves the TLS upstream
	ServerName    string // the name in the TLS upstream's certificate
	PlainUpstream int    // ports
	TLSUpstream   int
	Core          int               // the core they run on
	Binaries      map[string]string // program files by proxy name
}

// ForwardsBytesOnly tells whether a proxy attaches nothing, so that the client must send requests that are complete.
func ForwardsBytesOnly(name string) bool { return name == HAProxyTCP }

//go:embed configs
var configs embed.FS

// values is what the files in configs/ refer to.
type values struct {
	Setup
	PlainPort, TLSPort, AdminPort      int
	LocalPath, UpstreamPath            string
	BasePath, RoutePath, APIKey, Token string
	Cached                             bool
}

func newValues(s Setup) (values, error) {
	ports, err := freePorts(3)
	return values{
		Setup:     s,
		PlainPort: ports[0], TLSPort: ports[1], AdminPort: ports[2],
		LocalPath: wire.LocalPath, UpstreamPath: wire.UpstreamPath,
		BasePath: wire.BasePath, RoutePath: strings.TrimPrefix(wire.UpstreamPath, wire.BasePath),
		APIKey: wire.APIKey, Token: wire.Token,
	}, err
}

// write fills one of configs/ in and returns the path of the file made.
func (v *values) write(name string) (string, error) {
	parsed, err := template.ParseFS(configs, "configs/"+name)
	if err != nil {
		return "", fmt.Errorf("reading the template %s: %w", name, err)
	}
	path := filepath.Join(v.Dir, name)
	file, err := os.Create(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	if err := parsed.Execute(file, v); err != nil {
		return "", fmt.Errorf("filling in %s: %w", name, err)
	}
	return path, nil
}

// command is how each proxy is started, after its files are written.
func (v *values) command(name string) ([]string, error) {
	program := v.Binaries[name]
	v.Cached = slices.Contains(Cached, name)
	switch name {
	case Sidecar, Baseline, CachedSidecar:
		config, err := v.write("ambassador.json")
		credentials := filepath.Join(v.Dir, "credentials")
		return []string{program, "--config=" + config, "--credentials=" + credentials, "--admin=" + loopback(v.AdminPort)},
			firstOf(err, v.writeCredentials(credentials))
	case Nginx, CachedNginx:
		config, err := v.write("nginx.conf")
		return []string{program, "-p", v.Dir, "-e", "stderr", "-c", config}, err
	case HAProxy, HAProxyTCP:
		config, err := v.write(name + ".cfg")
		return []string{program, "-db", "-f", config}, err
	case Caddy:
		config, err := v.write("Caddyfile")
		return []string{program, "run", "--adapter", "caddyfile", "--config", config}, err
	case ReverseProxy:
		return append([]string{program}, v.flags()...), nil
	}
	return nil, fmt.Errorf("unknown proxy %q: choose from %s", name, strings.Join(Names, ", "))
}

func (v *values) flags() []string {
	return []string{
		"--plain-listen=" + loopback(v.PlainPort), "--plain-upstream=" + loopback(v.PlainUpstream),
		"--tls-listen=" + loopback(v.TLSPort), "--tls-upstream=" + loopback(v.TLSUpstream),
		"--ca=" + v.CA, "--server-name=" + v.ServerName,
		"--local-path=" + v.LocalPath, "--upstream-path=" + v.UpstreamPath,
		"--api-key=" + v.APIKey, "--token=" + v.Token,
	}
}

// writeCredentials lays the sidecar's credentials out as kubelet does: a folder for the Secret, a file for each key.
func (v *values) writeCredentials(dir string) error {
	ca, err := os.ReadFile(v.CA)
	if err != nil {
		return err
	}
	secret := filepath.Join(dir, "api")
	if err := os.MkdirAll(secret, 0o700); err != nil {
		return err
	}
	for key, value := range map[string][]byte{"token": []byte(v.Token), "apikey": []byte(v.APIKey), "ca": ca} {
		if err := os.WriteFile(filepath.Join(secret, key), value, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func loopback(port int) string { return "127.0.0.1:" + strconv.Itoa(port) }

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
