package watch_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/watch"
	"github.com/ambassador-operator/ambassador-operator/test/volume"
)

// reader is a watcher's user: it reads one file whenever it is told.
type reader struct {
	t     *testing.T
	file  string
	reads chan string
}

// watching runs a watcher of folders until the test ends. It looks by the clock once an hour, so never here, unless
// poll says otherwise.
func watching(t *testing.T, file string, poll time.Duration, folders ...string) *reader {
	t.Helper()
	r := &reader{t, file, make(chan string, 10000)}
	w := watch.Watcher{Folders: func() []string { return folders }, Changed: r.read, Settle: 5 * time.Millisecond, Poll: poll}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { w.Run(ctx) })
	t.Cleanup(func() { stop(); running.Wait() })
	return r
}

func (r *reader) read() {
	content, err := os.ReadFile(r.file)
	if err != nil {
		content = []byte("none")
	}
	r.reads <- string(content)
}

// sees waits until the file is read with that content.
func (r *reader) sees(want string) {
	r.t.Helper()
	limit := time.After(10 * time.Second)
	for {
		select {
		case got := <-r.reads:
			if got == want {
				return
			}
		case <-limit:
			r.t.Fatalf("%q is not seen", want)
		}
	}
}

func (r *reader) do(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func TestPlainFilesAreFollowed(t *testing.T) {
	parent := t.TempDir()
	folder, beside := filepath.Join(parent, "folder"), filepath.Join(parent, "beside")
	file := filepath.Join(folder, "file")
	r := watching(t, file, time.Hour, folder)
	r.sees("none")
	r.do(os.Mkdir(folder, 0o755))
	r.do(os.WriteFile(file, []byte("new"), 0o644))
	r.sees("new")
	r.do(os.WriteFile(file, []byte("written over"), 0o644))
	r.sees("written over")
	r.do(os.WriteFile(beside, []byte("renamed over"), 0o644))
	r.do(os.Rename(beside, file))
	r.sees("renamed over")
	r.do(os.Remove(file))
	r.sees("none")
	r.do(os.RemoveAll(folder))
	r.do(os.Mkdir(folder, 0o755))
	r.do(os.WriteFile(file, []byte("in a new folder"), 0o644))
	r.sees("in a new folder")
}

func TestSwitchedLinksAreFollowed(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "secret")
	files, err := volume.New(folder)
	if err != nil {
		t.Fatal(err)
	}
	r := watching(t, filepath.Join(folder, "key"), time.Hour, folder)
	r.sees("none")
	for i := range 10 {
		r.do(files.Write(map[string]string{"key": strconv.Itoa(i)}))
		r.sees(strconv.Itoa(i))
	}
}

// A file that is replaced without end is read all the while, and its last state is seen.
func TestStreamOfChangesIsNotWaitedOut(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "secret")
	files, err := volume.New(folder)
	if err != nil {
		t.Fatal(err)
	}
	r := watching(t, filepath.Join(folder, "key"), time.Hour, folder)
	r.sees("none")
	for i := 0; len(r.reads) < 10; i++ {
		r.do(files.Write(map[string]string{"key": strconv.Itoa(i)}))
	}
	r.do(files.Write(map[string]string{"key": "last"}))
	r.sees("last")
}

func TestTheClockFindsWhatNobodyTells(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	r := watching(t, file, 5*time.Millisecond)
	r.sees("none")
	r.do(os.WriteFile(file, []byte("new"), 0o644))
	r.sees("new")
}
