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
	// OMDB answers as the Open Movie Database does.
	OMDB = "ambassador.local/omdb:dev"
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

// program is one of this repository's programs and the image that it becomes.
type program struct {
	folder     string // under the repository's root
	tags       string // of the build, as it is released
	references []string
}

func own(version string) []program {
	return []program{
		{"cmd/manager", "", []string{Registry + "/manager:" + version, Registry + "/manager:" + version + "-next"}},
		{"cmd/ambassador", "nethttpomithttp2", []string{Registry + "/ambassador:" + version}},
		{"test/tmdb/cmd/tmdb", "", []string{TMDB}},
		{"test/omdb/cmd/omdb", "", []string{OMDB}},
	}
}

// Archives are the files that Build writes.
func Archives(dir state.Dir) []string {
	return []string{dir.Image("manager"), dir.Image("ambassador"), dir.Image("tmdb"), dir.Image("omdb"), dir.Image("curl")}
}

// Build compiles the programs of the repository at root and packs all images.
// The operator's image has a second name, version-next, by which an upgrade can
// be tried.
func Build(ctx context.Context, dir state.Dir, root, version string, progress io.Writer) error {
	for _, p := range own(version) {
		fmt.Fprintf(progress, "packing %s from %s\n", p.references[0], p.folder)
		if err := p.pack(ctx, dir, root, version); err != nil {
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

// pack builds the static program and packs it as /NAME, its entry point.
func (p *program) pack(ctx context.Context, dir state.Dir, root, version string) error {
	name := filepath.Base(p.folder)
	binary := dir.Image(name) + ".program"
	if err := os.MkdirAll(filepath.Dir(binary), 0o755); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-tags", p.tags,
		"-ldflags", "-s -w -X main.version="+version, "-o", binary, "./"+p.folder)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", p.folder, err, output)
	}
	return Image{
		References: p.references,
		Files:      []File{{Path: "/" + name, From: binary}},
		Entrypoint: []string{"/" + name},
	}.Write(dir.Image(name))
}
