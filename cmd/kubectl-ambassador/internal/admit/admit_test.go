package admit_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ambassador-operator/ambassador-operator/cmd/kubectl-ambassador/internal/admit"
)

const root = "../../../../"

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(root + pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no files match %s (%v)", pattern, err)
	}
	return files
}

// The same files are refused by an API server in test/envtest/api, with the same words.
func TestRefusesWhatTheAPIServerRefuses(t *testing.T) {
	for _, file := range glob(t, "test/invalid/*.yaml") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = admit.File(t.Context(), file, text)
			if err == nil {
				t.Fatal("accepted")
			}
			for line := range strings.Lines(string(text)) {
				if words, found := strings.CutPrefix(line, "# expect: "); found && !strings.Contains(err.Error(), strings.TrimSpace(words)) {
					t.Errorf("the error does not say %q:\n%v", strings.TrimSpace(words), err)
				}
			}
		})
	}
}

// The resources of controllers/build hold every field that there is.
func TestAcceptsTheSamplesAndEveryField(t *testing.T) {
	for _, file := range append(glob(t, "config/samples/*.yaml"), glob(t, "controllers/build/testdata/*.in.yaml")...) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := admit.File(t.Context(), file, text); err != nil {
			t.Error(err)
		}
	}
}
