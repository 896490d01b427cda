package image

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// nonRoot is the user of every image, by number so that runAsNonRoot can be checked.
const nonRoot = "65532:65532"

// A File is copied from this machine into the image. A file whose Link is set is
// a symbolic link instead.
type File struct {
	Path string
	From string
	Link string
}

// An Image is what a container is made of. Its first reference names it; the
// others are further names for the same.
type Image struct {
	References []string
	Files      []File
	Entrypoint []string
}

// Write packs the image and writes its archive to path.
func (i Image) Write(path string) error {
	packed, err := i.pack()
	if err != nil {
		return fmt.Errorf("packing %s: %w", i.References[0], err)
	}
	named := map[name.Tag]v1.Image{}
	for _, reference := range i.References {
		tag, err := name.NewTag(reference, name.StrictValidation)
		if err != nil {
			return err
		}
		named[tag] = packed
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return tarball.MultiWriteToFile(path, named)
}

func (i Image) pack() (v1.Image, error) {
	content, err := archive(i.Files)
	if err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(content)), nil
	})
	if err != nil {
		return nil, err
	}
	image, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		return nil, err
	}
	return mutate.ConfigFile(image, &v1.ConfigFile{
		OS:           "linux",
		Architecture: runtime.GOARCH,
		Config: v1.Config{
			Entrypoint: i.Entrypoint,
			User:       nonRoot,
			Env:        []string{"PATH=/usr/bin:/bin"},
		},
		RootFS: v1.RootFS{Type: "layers", DiffIDs: diffIDs(layer)},
	})
}

func diffIDs(layer v1.Layer) []v1.Hash {
	id, err := layer.DiffID()
	if err != nil {
		panic(err) // the content is in memory
	}
	return []v1.Hash{id}
}

// archive is a tar of the files, in the order of their paths, without times or
// owners: the same files make the same image.
func archive(files []File) ([]byte, error) {
	var buffer bytes.Buffer
	writer := tar.NewWriter(&buffer)
	files = slices.SortedFunc(slices.Values(files), func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	made := map[string]bool{}
	for _, file := range files {
		if err := folders(writer, made, filepath.Dir(file.Path)); err != nil {
			return nil, err
		}
		if err := add(writer, file); err != nil {
			return nil, err
		}
	}
	return buffer.Bytes(), writer.Close()
}

func folders(writer *tar.Writer, made map[string]bool, folder string) error {
	if folder == "/" || made[folder] {
		return nil
	}
	if err := folders(writer, made, filepath.Dir(folder)); err != nil {
		return err
	}
	made[folder] = true
	return writer.WriteHeader(&tar.Header{Name: folder[1:] + "/", Typeflag: tar.TypeDir, Mode: 0o755})
}

func add(writer *tar.Writer, file File) error {
	if file.Link != "" {
		return writer.WriteHeader(&tar.Header{Name: file.Path[1:], Typeflag: tar.TypeSymlink, Linkname: file.Link, Mode: 0o777})
	}
	content, err := os.ReadFile(file.From)
	if err != nil {
		return err
	}
	if err := writer.WriteHeader(&tar.Header{Name: file.Path[1:], Mode: 0o755, Size: int64(len(content))}); err != nil {
		return err
	}
	_, err = writer.Write(content)
	return err
}
