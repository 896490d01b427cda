package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
	"github.com/ambassador-operator/ambassador-operator/test/freeport"
	"github.com/ambassador-operator/ambassador-operator/test/volume"
)

// sidecar is the process under test and its files.
type sidecar struct {
	folder           string
	service          *service
	url, admin       string
	document, secret *volume.Volume
	port             int
	process          *exec.Cmd
	log              *os.File
	changes          int
}

func newSidecar(folder string, service *service) (*sidecar, error) {
	c := &sidecar{folder: folder, service: service}
	var err error
	if c.port, err = freeport.Get(); err != nil {
		return nil, err
	}
	adminPort, err := freeport.Get()
	if err != nil {
		return nil, err
	}
	c.url = fmt.Sprintf("http://127.0.0.1:%d/", c.port)
	c.admin = fmt.Sprintf("127.0.0.1:%d", adminPort)
	if c.document, err = volume.New(filepath.Join(folder, "config")); err != nil {
		return nil, err
	}
	if c.secret, err = volume.New(filepath.Join(folder, "credentials", "s")); err != nil {
		return nil, err
	}
	return c, c.next()
}

// next writes another credential and another document.
func (c *sidecar) next() error {
	c.changes++
	token := fmt.Sprintf("token-%d", c.changes)
	c.service.accept(token)
	if err := c.secret.Write(map[string]string{"token": token}); err != nil {
		return err
	}
	document := config.Document{Version: config.Version, Ambassadors: []config.Ambassador{{
		Name:        "soak",
		Port:        c.port,
		Upstream:    config.Upstream{URL: c.service.URL},
		Credentials: []config.Credential{{Secret: "s", Bearer: &config.BearerCredential{Key: "token"}}},
		Routes:      []config.Route{{Path: "/", UpstreamPath: fmt.Sprintf("/generation/%d", c.changes)}},
	}}}
	data, err := document.Encode()
	if err != nil {
		return err
	}
	return c.document.Write(map[string]string{"ambassador.json": string(data)})
}

// change calls next every second until the context ends.
func (c *sidecar) change(ctx context.Context) error {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			if err := c.next(); err != nil {
				return err
			}
		}
	}
}

func (c *sidecar) start(ctx context.Context, binary string) (err error) {
	if c.log, err = os.Create(filepath.Join(c.folder, "log")); err != nil {
		return err
	}
	c.process = exec.Command(binary, "--config", filepath.Join(c.folder, "config", "ambassador.json"),
		"--credentials", filepath.Join(c.folder, "credentials"), "--admin", c.admin)
	c.process.Stderr = c.log
	if err := c.process.Start(); err != nil {
		return err
	}
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for range 500 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
			if response, err := http.Get("http://" + c.admin + "/readyz"); err == nil {
				_ = response.Body.Close()
				return nil
			}
		}
	}
	return errors.New("the sidecar does not answer")
}

func (c *sidecar) stop() {
	_ = c.process.Process.Signal(syscall.SIGTERM)
	_ = c.process.Wait()
	_ = c.log.Close()
}

// figures are what the sidecar holds at one moment.
type figures struct{ goroutines, descriptors, memory, reloads float64 }

// measure reads the figures from /metrics.
func (c *sidecar) measure() (f figures, err error) {
	response, err := http.Get("http://" + c.admin + "/metrics")
	if err != nil {
		return f, err
	}
	defer response.Body.Close()
	wanted := map[string]*float64{
		"go_goroutines":                 &f.goroutines,
		"process_open_fds":              &f.descriptors,
		"process_resident_memory_bytes": &f.memory,
		`ambassador_document_loads_total{result="changed"}`: &f.reloads,
	}
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		if target := wanted[name]; target != nil {
			if *target, err = strconv.ParseFloat(value, 64); err != nil {
				return f, err
			}
			delete(wanted, name)
		}
	}
	if len(wanted) > 0 {
		return f, fmt.Errorf("/metrics lacks %d of the figures", len(wanted))
	}
	return f, lines.Err()
}

// tail returns the end of the log.
func (c *sidecar) tail() string {
	f, err := os.Open(c.log.Name())
	if err != nil {
		return ""
	}
	defer f.Close()
	if size, err := f.Seek(0, io.SeekEnd); err == nil {
		_, _ = f.Seek(max(0, size-4096), io.SeekStart)
	}
	text, _ := io.ReadAll(f)
	return string(text)
}
