package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// shipped is the sidecar as it is released. binary is what most tests run: the same, but with the race detector where the
// tests have it. TestMain builds both.
var shipped, binary string

func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

func buildAndRun(m *testing.M) int {
	folder, err := os.MkdirTemp("", "ambassador")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	shipped = filepath.Join(folder, "ambassador")
	binary = shipped
	err = build(shipped, "CGO_ENABLED=0")
	if raceEnabled && err == nil {
		binary += "-race"
		err = build(binary, "CGO_ENABLED=1", "-race")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

func build(output, environment string, flags ...string) error {
	args := []string{"build", "-trimpath", "-tags", "nethttpomithttp2", "-ldflags", "-s -w -X main.version=v0.0.0-test", "-o", output}
	command := exec.Command("go", append(append(args, flags...), ".")...)
	command.Env = append(os.Environ(), environment)
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}
