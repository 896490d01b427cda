package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"text/template"
	"time"

	"github.com/ambassador-operator/ambassador-operator/test/freeport"
)

// caches are the programs of a run, and their loopback ports.
type caches struct {
	Folder                  string
	Service, Sidecar, Nginx int

	scripts string
	running []*exec.Cmd
}

// startCaches starts the tests' service, and the two caches before it.
func startCaches(ctx context.Context, folder, sidecar, scripts string) (*caches, error) {
	c := &caches{Folder: folder, scripts: scripts}
	for _, port := range []*int{&c.Service, &c.Sidecar, &c.Nginx} {
		var err error
		if *port, err = freeport.Get(); err != nil {
			return nil, err
		}
	}
	document, err := c.fill("ambassador.json")
	if err != nil {
		return nil, err
	}
	conf, err := c.fill("nginx.conf")
	if err != nil {
		return nil, err
	}
	for port, command := range map[int][]string{
		c.Service: {"node", filepath.Join(scripts, "server.mjs"), strconv.Itoa(c.Service)},
		c.Sidecar: {sidecar, "--config=" + document, "--admin="},
		c.Nginx:   {"nginx", "-p", folder, "-e", "stderr", "-c", conf},
	} {
		if err := c.start(ctx, port, command); err != nil {
			c.stop()
			return nil, err
		}
	}
	return c, nil
}

// fill writes one of the configurations with the ports in it.
func (c *caches) fill(name string) (path string, err error) {
	parsed, err := template.ParseFiles(filepath.Join(c.scripts, name))
	if err != nil {
		return "", err
	}
	var text bytes.Buffer
	if err := parsed.Execute(&text, c); err != nil {
		return "", err
	}
	path = filepath.Join(c.Folder, name)
	return path, os.WriteFile(path, text.Bytes(), 0o600)
}

// start starts a program and waits until it listens.
func (c *caches) start(ctx context.Context, port int, command []string) error {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	c.running = append(c.running, cmd)
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); <-ticker.C {
		conn, err := net.Dial("tcp", "127.0.0.1:"+strconv.Itoa(port))
		if err == nil {
			return conn.Close()
		}
	}
	return fmt.Errorf("%s does not listen on port %d", command[0], port)
}

func (c *caches) stop() {
	for _, cmd := range c.running {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	}
}

// test runs all tests against a port.
func (c *caches) test(ctx context.Context, port int) (results, error) {
	cmd := exec.CommandContext(ctx, "node", "--no-warnings", filepath.Join(c.scripts, "client.mjs"), "http://127.0.0.1:"+strconv.Itoa(port))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	var all results
	for decoder := json.NewDecoder(bytes.NewReader(out)); decoder.More(); {
		var r result
		if err := decoder.Decode(&r); err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}
