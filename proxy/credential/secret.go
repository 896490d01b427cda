package credential

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// maxFile bounds what is read of one file; allowed-upstreams may be longer than a value.
const maxFile = 64 << 10

// generationLink is the link that the kubelet switches when a Secret changes: it leads to the folder that holds the
// files of the present generation.
const generationLink = "..data"

// file is one key's file as it was read.
type file struct {
	content []byte
	err     error // fs.ErrNotExist where there is no such file
}

var (
	errNotRegular = errors.New("not a regular file")
	errFileSize   = errors.New("the file is over 64 KiB")
	errChanging   = errors.New("the files are replaced faster than they can be read")
)

// readSecret reads the files of one Secret, all of the same generation. A file that is not there or can not be read
// is in the result with its error.
func readSecret(folder string, keys []string) map[string]file {
	for range 10 {
		if files, whole := readGeneration(folder, keys); whole {
			return files
		}
	}
	return failed(keys, errChanging)
}

// failed is the result where no file can be read.
func failed(keys []string, err error) map[string]file {
	files := make(map[string]file, len(keys))
	for _, key := range keys {
		files[key] = file{err: err}
	}
	return files
}

// readGeneration reads through a handle on the generation's folder, and reports false when that folder was replaced
// meanwhile, since its files vanish then.
func readGeneration(folder string, keys []string) (files map[string]file, whole bool) {
	link := filepath.Join(folder, generationLink)
	before, _ := os.Readlink(link)
	root, err := os.OpenRoot(link)
	if errors.Is(err, fs.ErrNotExist) {
		root, err = os.OpenRoot(folder)
	}
	if err != nil {
		files = failed(keys, err)
	} else {
		files = readFiles(root, keys)
	}
	after, _ := os.Readlink(link)
	return files, before == after
}

// readFiles reads and closes root.
func readFiles(root *os.Root, keys []string) map[string]file {
	defer root.Close()
	files := make(map[string]file, len(keys))
	for _, key := range keys {
		content, err := readFile(root, key)
		files[key] = file{content, err}
	}
	return files
}

func readFile(root *os.Root, key string) ([]byte, error) {
	info, err := root.Stat(key)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errNotRegular
	}
	f, err := root.Open(key)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(content) > maxFile {
		err = errFileSize
	}
	return content, err
}
