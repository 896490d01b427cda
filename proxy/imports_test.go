package proxy_test

import (
	"os/exec"
	"strings"
	"testing"
)

// The sidecar runs in every Pod, so what it is made of is counted: nothing of Kubernetes, and no module that is not on
// this list.
func TestSidecarImportsNoKubernetes(t *testing.T) {
	allowed := []string{
		"github.com/ambassador-operator/ambassador-operator/",
		"github.com/VictoriaMetrics/metrics",
		"github.com/bits-and-blooms/bitset", // of failsafe-go
		"github.com/failsafe-go/failsafe-go",
		"github.com/fsnotify/fsnotify",
		"github.com/itchyny/gojq",
		"github.com/itchyny/timefmt-go", // of gojq
		"github.com/valyala/fastrand",
		"github.com/valyala/histogram",
		"golang.org/x/",
	}
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "./...", "../cmd/ambassador").Output()
	if err != nil {
		t.Fatal(err)
	}
	for path := range strings.FieldsSeq(string(out)) {
		known := false
		for _, prefix := range allowed {
			known = known || strings.HasPrefix(path, prefix)
		}
		if !known {
			t.Errorf("%s is imported", path)
		}
	}
}
