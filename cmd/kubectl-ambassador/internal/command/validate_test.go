package command_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The second route of testdata/mistakes.yaml overlaps one of the Ambassador that its template takes in, so that only a check
// of both finds it.
func TestValidateReportsEveryMistakeWithItsLine(t *testing.T) {
	const golden = "testdata/mistakes.golden.txt"
	out, err := execute(t, "", "validate", "-f", "testdata/mistakes.yaml")
	if err == nil {
		t.Fatal("valid")
	}
	if out != "" {
		t.Errorf("printed beside the mistakes: %s", out)
	}
	got := err.Error() + "\n"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
}

func TestValidateSaysWhatIsValid(t *testing.T) {
	two := resource(8080, "https://api.example.com") + "---\n" + strings.Replace(resource(8080, "https://other.example.com"), "name: local", "name: other", 1)
	for _, row := range []struct{ name, stdin, want string }{
		{"one", resource(8080, "https://api.example.com"), "1 Ambassador is valid\n"},
		{"two that no Pod serves together", two, "2 Ambassadors are valid\n"},
		{"none", "kind: ConfigMap\n", "no Ambassador to check\n"},
		{"nothing", "", "no Ambassador to check\n"},
		{"one that takes in another", takesIn(resource(8080, "https://api.example.com"), "weather"), "Ambassador local takes in weather, which is in none of the files; give its file too, to have both together\n1 Ambassador is valid\n"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := mustExecute(t, row.stdin, "validate", "-f", "-"); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

func TestValidateTakesSeveralFiles(t *testing.T) {
	good := file(t, "good.yaml", resource(8080, "https://api.example.com"))
	bad := file(t, "bad.yaml", strings.Replace(resource(8081, "api.example.com"), "name: local", "name: bad", 1))
	_, err := execute(t, "", "validate", "-f", good, bad, "nowhere.yaml")
	if err == nil || !strings.Contains(err.Error(), bad+":6: spec.upstream.url") || !strings.Contains(err.Error(), "nowhere.yaml: no such file") || strings.Contains(err.Error(), good+":") {
		t.Errorf("got %v", err)
	}
	if _, err := execute(t, "", "validate"); err == nil || !strings.Contains(err.Error(), "write -f FILE") {
		t.Errorf("without a file: %v", err)
	}
}

// What people copy from the documentation must be right.
func TestTheResourcesOfTheDocumentationAreValid(t *testing.T) {
	const root = "../../../../"
	pages, err := filepath.Glob(root + "docs/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	for _, page := range append(pages, root+"README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for i, block := range strings.Split(string(text), "```yaml\n")[1:] {
			block, _, _ = strings.Cut(block, "```")
			if !strings.Contains(block, "apiVersion: ambassador-operator.io/") { // a part of one
				continue
			}
			if _, err := execute(t, block, "validate", "-f", "-"); err != nil {
				t.Errorf("%s, block %d: %v", filepath.Base(page), i+1, err)
			}
		}
	}
	samples, err := filepath.Glob(root + "config/samples/*.yaml")
	if err != nil || len(samples) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	for _, sample := range samples {
		mustExecute(t, "", "validate", "-f", sample)
	}
}
