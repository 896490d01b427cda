package admit

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/config/crd"
)

// kind is the one kind of object that is read; others in a file are left alone.
const kind = "Ambassador"

var definition = sync.OnceValues(func() (*checker, error) { return newChecker(crd.Ambassadors) })

// Resource is one Ambassador of a file, as the API server would have stored it.
type Resource struct {
	// Ambassador is nil where the object is not of the resource's shape.
	*v1alpha1.Ambassador
	// Mistakes are what the API server would refuse it for, in its order. None: it would take it.
	Mistakes []Mistake
	document document
}

// Mistake is something wrong, and where it stands.
type Mistake struct {
	// File and Line are where to look; the first line is 1.
	File string
	Line int
	// Field is the path of the field within the resource, such as "spec.routes[2].path". Empty: the whole resource.
	Field string
	// Text names the field, its value and the remedy.
	Text string
}

// Error puts file and line before the text.
func (m Mistake) Error() string { return fmt.Sprintf("%s:%d: %s", m.File, m.Line, m.Text) }

// Read returns the Ambassadors in the text of a file, with their defaults set, in the order of the file: those with
// mistakes too. Documents of other kinds are passed over, so that a file may hold a whole application. The error is about
// what is no object at all.
func Read(ctx context.Context, name string, text []byte) ([]Resource, error) {
	checker, err := definition()
	if err != nil {
		return nil, err
	}
	documents, err := read(name, text)
	errs := []error{err}
	var resources []Resource
	for _, document := range documents {
		object, err := document.object()
		switch {
		case err != nil:
			errs = append(errs, err)
		case object["kind"] == kind:
			resources = append(resources, document.admit(ctx, checker, object))
		}
	}
	return resources, errors.Join(errs...)
}

// admit does to the object what the API server does.
func (d *document) admit(ctx context.Context, checker *checker, object map[string]any) Resource {
	out := Resource{document: *d}
	if version := v1alpha1.GroupVersion.String(); object["apiVersion"] != version {
		out.Mistakes = append(out.Mistakes, d.mistake("apiVersion", "apiVersion: %v is not known; write %s", object["apiVersion"], version))
		return out
	}
	for _, path := range checker.unknown(object) {
		out.Mistakes = append(out.Mistakes, d.mistake(path, "unknown field %q; check its spelling and indentation", path))
	}
	for _, found := range checker.check(ctx, object) {
		out.Mistakes = append(out.Mistakes, d.mistake(found.Field, "%s", wordsOf(found)))
	}
	ambassador := new(v1alpha1.Ambassador)
	err := runtime.DefaultUnstructuredConverter.FromUnstructured(object, ambassador)
	switch {
	case err == nil:
		out.Ambassador = ambassador
	case len(out.Mistakes) == 0:
		out.Mistakes = append(out.Mistakes, d.mistake("", "%v", err))
	}
	return out
}
