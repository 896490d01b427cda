package image

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/ambassador-operator/ambassador-operator/test/cluster/internal/node"
	"github.com/ambassador-operator/ambassador-operator/test/cluster/internal/state"
)

// Registry is the name under which this project's own images are published.
const Registry = "ghcr.io/ambassador-operator"

// Stand-ins, of which nothing is ever published.
const (
	// TMDB answers as The Movie DB does.
	TMDB = "ambassador.local/tmdb:dev"
	// Curl has a shell and curl, for main containers.
	Curl = "ambassador.local/curl:dev"
)

// Pause packs the sandbox image from a program that was built.
func Pause(dir state.Dir) error {
	return Image{
		References: []string{node.Pause},
		Files:      []File{{Path: "/pause", From: dir.Bin("pause")}},
		Entrypoint: []string{"/pause"},
	}.Write(dir.Image("pause"))
}

// own are the images of this repository's programs: the folder of each under
// its root, and the names that the images get.
func own(version string) map[string][]string {
	return map[string][]string{
		"cmd/manager":        {Registry + "/manager:" + version, Registry + "/manager:" + version + "-next"},
		"cmd/ambassador":     {Registry + "/ambassador:" + version},
		"test/tmdb/cmd/tmdb": {TMDB},
	}
}

// Archives are the files that Build writes.
func Archives(dir state.Dir) []string {
	return []string{dir.Image("manager"), dir.Image("ambassador"), dir.Image("tmdb"), dir.Image("curl")}
}

// Build compiles the programs of the repository at root and packs all images.
// The operator's image has a second name, version-next, by which an upgrade can
// be tried.
func Build(ctx context.Context, dir state.Dir, root, version string, progress io.Writer) error {
	for folder, references := range own(version) {
		fmt.Fprintf(progress, "packing %s from %s\n", references[0], folder)
		if err := fromGo(ctx, dir, root, folder, version, references); err != nil {
			return err
		}
	}
	fmt.Fprintf(progress, "packing %s\n", Curl)
	curl, err := shell(ctx)
	if err != nil {
		return err
	}
	return curl.Write(dir.Image("curl"))
}

// fromGo packs the static program of one folder as /NAME, its entry point.
func fromGo(ctx context.Context, dir state.Dir, root, folder, version string, references []string) error {
	program := filepath.Base(folder)
	binary := dir.Image(program) + ".program"
	if err := os.MkdirAll(filepath.Dir(binary), 0o755); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -X main.version="+version, "-o", binary, "./"+folder)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", folder, err, output)
	}
	return Image{
		References: references,
		Files:      []File{{Path: "/" + program, From: binary}},
		Entrypoint: []string{"/" + program},
	}.Write(dir.Image(program))
}
