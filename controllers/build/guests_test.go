package build_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
)

// TestWhatOfAGuestRolls tells which changes of an Ambassador that is taken in need new Pods.
func TestWhatOfAGuestRolls(t *testing.T) {
	tests := []struct {
		name  string
		edit  func(*v1alpha1.Ambassador)
		rolls bool
	}{
		{"the routes", func(a *v1alpha1.Ambassador) { a.Spec.Routes[0].Path = "/ratings/{id}" }, false},
		{"the upstream", func(a *v1alpha1.Ambassador) { a.Spec.Upstream.URL = "https://example.com" }, false},
		{"the port", func(a *v1alpha1.Ambassador) { a.Spec.Port = 9000 }, false},
		{"a workload of its own", func(a *v1alpha1.Ambassador) { a.Spec.Workload = &v1alpha1.Workload{Kind: v1alpha1.PodWorkload} }, false},
		{"the sidecar's image", func(a *v1alpha1.Ambassador) { a.Spec.Sidecar = &v1alpha1.Sidecar{Image: "x:1"} }, false},
		{"another key of its Secret", func(a *v1alpha1.Ambassador) { a.Spec.Credentials[0].Query.Key = "other" }, true},
		{"another Secret", func(a *v1alpha1.Ambassador) { a.Spec.Secret.Name = "other" }, true},
		{"a variable", func(a *v1alpha1.Ambassador) {
			a.Spec.Sidecar = &v1alpha1.Sidecar{Env: []v1alpha1.EnvVar{{Name: "OMDB_URL", Value: "x"}}}
		}, true},
	}
	a, guests := loadAll(t, "two")
	before, err := build.New(a, options, guests...)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a, guests := loadAll(t, "two")
			test.edit(guests[0])
			after, err := build.New(a, options, guests...)
			if err != nil {
				t.Fatal(err)
			}
			was, _ := yaml.Marshal(before.Deployment.Spec.Template)
			is, _ := yaml.Marshal(after.Deployment.Spec.Template)
			if rolls := !bytes.Equal(was, is); rolls != test.rolls {
				t.Errorf("rolls = %v, want %v", rolls, test.rolls)
			}
		})
	}
}

func TestNames(t *testing.T) {
	tests := []struct {
		name, annotation string
		names            []string
		problem          string // "" where the names make sense
	}{
		{"none", " ", nil, ""},
		{"one", "omdb", []string{"omdb"}, ""},
		{"several, in their order", "weather, omdb", []string{"weather", "omdb"}, ""},
		{"an empty one", "omdb,", []string{"omdb", ""}, `"" is not the name`},
		{"no name", "omdb weather", []string{"omdb weather"}, `"omdb weather" is not the name`},
		{"itself", "omdb,themoviedb", []string{"omdb", "themoviedb"}, `"themoviedb" is this Ambassador itself`},
		{"one twice", "omdb,weather,omdb", []string{"omdb", "weather", "omdb"}, `"omdb" is given twice`},
		{"sixteen", strings.TrimSuffix(strings.Repeat("a,", 16), ","), slices.Repeat([]string{"a"}, 16), "16 names; give at most 15"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := load(t, "two")
			a.Spec.Workload.Template.Annotations[build.AmbassadorsAnnotation] = test.annotation
			if got := build.Names(a); !slices.Equal(got, test.names) {
				t.Errorf("Names = %q, want %q", got, test.names)
			}
			err := build.CheckNames(a)
			switch {
			case test.problem == "" && err != nil:
				t.Errorf("CheckNames = %v", err)
			case test.problem != "" && (err == nil || !strings.HasPrefix(err.Error(), build.AmbassadorsAt+": "+test.problem)):
				t.Errorf("CheckNames = %v, want %q", err, test.problem)
			}
		})
	}
}

func TestCheckTogetherNamesBoth(t *testing.T) {
	a, guests := loadAll(t, "two")
	if err := build.CheckTogether(a, guests...); err != nil {
		t.Fatal(err)
	}
	guests[0].Spec.Routes[0].Path = "/movies"
	err := build.CheckTogether(a, guests...)
	if err == nil || !strings.HasPrefix(err.Error(), "Ambassador omdb, spec.routes[0].path: ") || !strings.Contains(err.Error(), `"themoviedb"`) {
		t.Errorf("CheckTogether = %v, want an error that names both", err)
	}
}

func TestServes(t *testing.T) {
	a, guests := loadAll(t, "two")
	objects, err := build.New(a, options, guests...)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range append(guests, a) {
		if !build.Serves(objects.ConfigMap, one) {
			t.Errorf("%s is said not to be served", one.Name)
		}
	}
	guests[0].Spec.Routes[0].Path = "/ratings"
	if build.Serves(objects.ConfigMap, guests[0]) {
		t.Error("what is served is taken for what has changed since")
	}
	if build.Serves(&corev1.ConfigMap{}, a) {
		t.Error("a ConfigMap without a document is said to serve")
	}
}
