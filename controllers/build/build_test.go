package build_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

var update = flag.Bool("update", false, "write the golden files anew")

var options = build.Options{SidecarImage: "ghcr.io/ambassador-operator/ambassador:test"}

// load reads the first Ambassador of a file.
func load(t *testing.T, name string) *v1alpha1.Ambassador {
	t.Helper()
	a, _ := loadAll(t, name)
	return a
}

// loadAll reads a file's Ambassadors: the first, and those that it takes in.
func loadAll(t *testing.T, name string) (a *v1alpha1.Ambassador, guests []*v1alpha1.Ambassador) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".in.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for document := range bytes.SplitSeq(text, []byte("\n---\n")) {
		guest := &v1alpha1.Ambassador{}
		if err := yaml.UnmarshalStrict(document, guest); err != nil {
			t.Fatal(err)
		}
		guests = append(guests, guest)
	}
	return guests[0], guests[1:]
}

// resources are the names of the files in testdata.
var resources = []string{"themoviedb", "everything", "features", "two"}

// TestGolden holds the children of a resource to the letter, with their hashes. A difference in the Pod's template is a
// roll of every Pod at the next upgrade of the operator: change a golden file only when that is meant.
func TestGolden(t *testing.T) {
	for _, name := range resources {
		t.Run(name, func(t *testing.T) {
			a, guests := loadAll(t, name)
			objects, err := build.New(a, options, guests...)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			for _, object := range objects.List() {
				applied, err := build.ApplyConfiguration(object)
				if err != nil {
					t.Fatal(err)
				}
				text, err := yaml.Marshal(applied)
				if err != nil {
					t.Fatal(err)
				}
				out.WriteString("---\n")
				out.Write(text)
			}
			compare(t, filepath.Join("testdata", name+".golden.yaml"), out.Bytes())
		})
	}
}

func compare(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs from what was built (go test -update writes it anew):\n%s", path, got)
	}
}

func TestTheSidecarAcceptsTheDocument(t *testing.T) {
	for _, name := range resources {
		a, guests := loadAll(t, name)
		objects, err := build.New(a, options, guests...)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := config.Parse([]byte(objects.ConfigMap.Data[build.ConfigKey])); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheResourceIsNotChanged(t *testing.T) {
	a := load(t, "everything")
	before := a.DeepCopy()
	if _, err := build.New(a, options); err != nil {
		t.Fatal(err)
	}
	was, _ := yaml.Marshal(before)
	is, _ := yaml.Marshal(a)
	if !bytes.Equal(was, is) {
		t.Errorf("New changed its argument:\n%s", is)
	}
}

// TestWhatRolls tells which changes need new Pods and which the sidecar reloads.
func TestWhatRolls(t *testing.T) {
	tests := []struct {
		name  string
		edit  func(*v1alpha1.Ambassador)
		rolls bool
	}{
		{"nothing", func(*v1alpha1.Ambassador) {}, false},
		{"the upstream", func(a *v1alpha1.Ambassador) { a.Spec.Upstream.URL = "https://example.com" }, false},
		{"the port", func(a *v1alpha1.Ambassador) { a.Spec.Port = 8081 }, false},
		{"the routes", func(a *v1alpha1.Ambassador) { a.Spec.Routes = nil }, false},
		{"the log level", func(a *v1alpha1.Ambassador) { a.Spec.Sidecar = &v1alpha1.Sidecar{LogLevel: v1alpha1.LogDebug} }, false},
		{"the parameter's name", func(a *v1alpha1.Ambassador) { a.Spec.Credentials[0].Query.Name = "key" }, false},
		{"the replicas", func(a *v1alpha1.Ambassador) { a.Spec.Workload.Replicas = nil }, false},
		{"another key of the Secret", func(a *v1alpha1.Ambassador) { a.Spec.Credentials[0].Query.Key = "other" }, true},
		{"another Secret", func(a *v1alpha1.Ambassador) { a.Spec.Secret.Name = "other" }, true},
		{"the sidecar's image", func(a *v1alpha1.Ambassador) { a.Spec.Sidecar = &v1alpha1.Sidecar{Image: "x:1"} }, true},
		{"the template", func(a *v1alpha1.Ambassador) { a.Spec.Workload.Template.Spec.Containers[0].Image = "x:1" }, true},
	}
	before, err := build.New(load(t, "themoviedb"), options)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := load(t, "themoviedb")
			test.edit(a)
			after, err := build.New(a, options)
			if err != nil {
				t.Fatal(err)
			}
			was, _ := yaml.Marshal(before.Deployment.Spec.Template)
			is, _ := yaml.Marshal(after.Deployment.Spec.Template)
			if rolls := !bytes.Equal(was, is); rolls != test.rolls {
				t.Errorf("rolls = %v, want %v", rolls, test.rolls)
			}
			if sameMap := before.ConfigMap.Name == after.ConfigMap.Name; sameMap && test.rolls && test.name != "the template" {
				t.Errorf("a document for other mounts is written into the ConfigMap of Pods that still run")
			}
		})
	}
}

func TestErrorsNameTheFieldOfTheSpec(t *testing.T) {
	a := load(t, "themoviedb")
	a.Spec.Upstream.URL = "ftp://example.com"
	err := build.Check(a)
	if err == nil || !strings.HasPrefix(err.Error(), "spec.upstream.url: ") {
		t.Errorf("Check = %v, want an error that starts with the field", err)
	}
}
