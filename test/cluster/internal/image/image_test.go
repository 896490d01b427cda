package image

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

func TestArchiveHoldsTheImageUnderEachReference(t *testing.T) {
	program := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(program, []byte("binary"), 0o600); err != nil {
		t.Fatal(err)
	}
	image := Image{
		References: []string{"example.org/one:1", "example.org/one:2"},
		Files:      []File{{Path: "/program", From: program}},
		Entrypoint: []string{"/program"},
	}
	path := filepath.Join(t.TempDir(), "folder", "one.tar")
	if err := image.Write(path); err != nil {
		t.Fatal(err)
	}
	for _, reference := range image.References {
		tag, err := name.NewTag(reference)
		if err != nil {
			t.Fatal(err)
		}
		read, err := tarball.ImageFromPath(path, &tag)
		if err != nil {
			t.Fatalf("%s: %v", reference, err)
		}
		config, err := read.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		if config.Config.User != nonRoot || !slices.Equal(config.Config.Entrypoint, image.Entrypoint) {
			t.Errorf("%s: user %q, entry point %q", reference, config.Config.User, config.Config.Entrypoint)
		}
	}
}

func TestLayerNamesFoldersOnceAndBeforeTheirFiles(t *testing.T) {
	layer, err := archive([]File{
		{Path: "/usr/bin/b", Link: "/bin/busybox"},
		{Path: "/usr/bin/a", Link: "/bin/busybox"},
		{Path: "/etc/c", Link: "/bin/busybox"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"etc/", "etc/c", "usr/", "usr/bin/", "usr/bin/a", "usr/bin/b"}
	if got := names(t, layer); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func names(t *testing.T, archive []byte) []string {
	t.Helper()
	var all []string
	reader := tar.NewReader(bytes.NewReader(archive))
	for {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, header.Name)
	}
}
