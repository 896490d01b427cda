package credential_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/ambassador-operator/ambassador-operator/proxy/credential"
)

// attachable returns what a request reads of a Set that holds a bearer token and a query parameter.
func attachable(tb testing.TB) (current func() (fields, query []byte)) {
	tb.Helper()
	folder := tb.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "s"), 0o700); err != nil {
		tb.Fatal(err)
	}
	for _, key := range []string{"token", "apikey"} {
		if err := os.WriteFile(filepath.Join(folder, "s", key), []byte("0123456789abcdef"), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	set := credential.New(ambassador(bearer, query), credential.Options{Folder: folder})
	return func() (fields, query []byte) {
		now := set.Current()
		return now.Fields.Bytes(), now.Query.Bytes()
	}
}

// attach does what a request does with a credential.
func attach(out []byte, current func() (fields, query []byte)) []byte {
	fields, query := current()
	return append(append(out, fields...), query...)
}

func TestAttachingAllocatesNothing(t *testing.T) {
	set := attachable(t)
	out := make([]byte, 0, 256)
	if n := testing.AllocsPerRun(100, func() { out = attach(out[:0], set) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkAttach(b *testing.B) {
	set := attachable(b)
	out := make([]byte, 0, 256)
	b.ReportAllocs()
	for b.Loop() {
		out = attach(out[:0], set)
	}
}
