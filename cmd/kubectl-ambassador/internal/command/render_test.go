package command_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ambassador-operator/ambassador-operator/cmd/kubectl-ambassador/internal/command"
	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

var update = flag.Bool("update", false, "write the golden files anew")

const samples = "../../../../config/samples/"

// execute runs a command line with stdin and returns what it prints.
func execute(t *testing.T, stdin string, args ...string) (string, error) {
	t.Helper()
	var stdout bytes.Buffer
	root := command.New("v1.2.3")
	root.SetArgs(args)
	root.SetIn(strings.NewReader(stdin))
	root.SetOut(&stdout)
	root.SetErr(&stdout)
	err := root.ExecuteContext(t.Context())
	return stdout.String(), err
}

func mustExecute(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	out, err := execute(t, stdin, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// file writes a file for one test and returns its path.
func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRenderPrintsTheObjectsAsYAML(t *testing.T) {
	for _, sample := range []string{"themoviedb", "pod"} {
		got := mustExecute(t, "", "render", "-f", samples+sample+".yaml", "-n", "movies")
		golden := filepath.Join("testdata", sample+".golden.yaml")
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
			t.Errorf("%s differs from %s; see with -update and git diff:\n%s", sample, golden, got)
		}
	}
}

func TestRenderPrintsOneListAsJSON(t *testing.T) {
	out := mustExecute(t, "", "render", "-f", samples+"themoviedb.yaml", "-f", samples+"pod.yaml", "-o", "json")
	var list struct {
		APIVersion, Kind string
		Items            []struct{ Kind string }
	}
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		t.Fatal(err)
	}
	if list.APIVersion != "v1" || list.Kind != "List" {
		t.Errorf("got a %s %s, want a v1 List", list.APIVersion, list.Kind)
	}
	var kinds []string
	for _, item := range list.Items {
		kinds = append(kinds, item.Kind)
	}
	if got, want := strings.Join(kinds, " "), "ConfigMap Deployment ConfigMap Pod"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestRenderPrintsTheSidecarsDocument(t *testing.T) {
	document, err := config.Parse([]byte(mustExecute(t, "", "render", "-f", samples+"themoviedb.yaml", "-o", "proxy")))
	if err != nil {
		t.Fatal(err)
	}
	if got := document.Ambassadors[0].Name; got != "themoviedb" {
		t.Errorf("the document is for %q", got)
	}
}

func TestRenderPutsWhatIsTakenInIntoTheDocument(t *testing.T) {
	text := takesIn(resource(8080, "https://api.example.com"), "guest")
	out := mustExecute(t, text+guest(8080, "https://guest.example.com"), "render", "-f", "-", "-o", "proxy")
	document, err := config.Parse([]byte(out))
	if err != nil {
		t.Fatal(err)
	}
	if len(document.Ambassadors) != 2 || document.Ambassadors[1].Name != "guest" {
		t.Errorf("the document is:\n%s", out)
	}
	_, err = execute(t, text, "render", "-f", "-")
	if want := "standard input:10: spec.workload.template.metadata.annotations[ambassador-operator.io/ambassadors]: there is no Ambassador guest"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("the error does not say %q: %v", want, err)
	}
}

func TestRenderReadsStandardInputAndPassesOtherKindsOver(t *testing.T) {
	sample, err := os.ReadFile(samples + "themoviedb.yaml")
	if err != nil {
		t.Fatal(err)
	}
	application := "kind: Service\napiVersion: v1\n---\n# nothing here\n---\n" + string(sample)
	out := mustExecute(t, application, "render", "-f", "-")
	if got := strings.Count(out, "\n---\n") + 1; got != 2 {
		t.Errorf("%d objects, want 2:\n%s", got, out)
	}
}

func TestRenderSaysWhereAndWhatToDo(t *testing.T) {
	const head = "apiVersion: ambassador-operator.io/v1alpha1\nkind: Ambassador\nmetadata: {name: sample}\nspec:\n  port: 8080\n"
	const workload = "  workload: {kind: Pod, template: {spec: {containers: [{name: main, image: app:1}]}}}\n"
	for _, row := range []struct{ name, text, want string }{
		{"a rule of the API server", head + "  upstream: {url: api.example.com}\n" + workload, ":6: spec.upstream.url: "},
		{"a rule of the document",
			head + "  upstream: {url: https://api.example.com}\n  routes:\n  - path: /a/{x}\n  - path: /a/{y}\n" + workload, ":9: spec.routes[1].path: "},
		{"a rule of the operator",
			head + "  upstream: {url: https://api.example.com}\n" + strings.Replace(workload, "image: app:1", "image: app:1, livenessProbe: {httpGet: {port: 8080}}", 1),
			":7: spec.workload.template.spec.containers[0].livenessProbe: "},
		{"a field that is not known", head + "  upstrem: {url: https://api.example.com}\n" + workload, `:6: unknown field "spec.upstrem"`},
		{"a field that is given twice", head + "  port: 8081\n", `key "port" already set`},
		{"another version", strings.Replace(head, "v1alpha1", "v1", 1), ":1: apiVersion: ambassador-operator.io/v1 is not known; write ambassador-operator.io/v1alpha1"},
		{"no YAML", "a: b: c", "mapping values are not allowed"},
		{"a list", "- a", ":1: not an object; start with apiVersion"},
		{"nothing", "", "no Ambassador in"},
	} {
		t.Run(row.name, func(t *testing.T) {
			path := file(t, "sample.yaml", row.text)
			_, err := execute(t, "", "render", "-f", path)
			if err == nil {
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), row.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("the error does not name the file and say %q:\n%v", row.want, err)
			}
		})
	}
}

func TestRenderReportsEveryMistakeAtOnce(t *testing.T) {
	_, err := execute(t, "", "render", "-f", "../../../../test/invalid/port-missing.yaml", "-f", "../../../../test/invalid/url-without-scheme.yaml")
	for _, want := range []string{"port-missing.yaml:7: spec.port: Required value", "url-without-scheme.yaml:9: spec.upstream.url"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q: %v", want, err)
		}
	}
}

func TestBadCommandLines(t *testing.T) {
	for _, row := range []struct {
		name string
		args []string
		want string
	}{
		{"no file", []string{"render"}, "write -f FILE"},
		{"a format that is not known", []string{"render", "-f", samples + "pod.yaml", "-o", "xml"}, "not one of yaml, json, proxy"},
		{"an argument", []string{"render", "themoviedb"}, `unknown command "themoviedb"`},
		{"a file that is not there", []string{"render", "-f", "nowhere.yaml"}, "nowhere.yaml: no such file"},
	} {
		if _, err := execute(t, "", row.args...); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: the error does not say %q: %v", row.name, row.want, err)
		}
	}
}
