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

// mistakes returns what is said about the Ambassadors of a file, a mistake a line.
func mistakes(t *testing.T, file string, text []byte) string {
	t.Helper()
	resources, err := admit.Read(t.Context(), file, text)
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	for i := range resources {
		for _, mistake := range resources[i].Mistakes {
			said.WriteString(mistake.Error() + "\n")
		}
	}
	return said.String()
}

// The same files are refused by an API server in test/envtest/api, with the same words.
func TestRefusesWhatTheAPIServerRefuses(t *testing.T) {
	for _, file := range glob(t, "test/invalid/*.yaml") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			said := mistakes(t, file, text)
			if said == "" {
				t.Fatal("accepted")
			}
			for line := range strings.Lines(string(text)) {
				if words, found := strings.CutPrefix(line, "# expect: "); found && !strings.Contains(said, strings.TrimSpace(words)) {
					t.Errorf("the mistakes do not say %q:\n%s", strings.TrimSpace(words), said)
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
		if said := mistakes(t, file, text); said != "" {
			t.Error(said)
		}
	}
}
