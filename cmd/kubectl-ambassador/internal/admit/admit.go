package admit

import (
	"context"
	"errors"
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
	*v1alpha1.Ambassador
	document document
}

// File returns the Ambassadors in the text of a file, with their defaults set, in the order of the file. Documents of
// other kinds are passed over, so that a file may hold a whole application. An error names file, line, field and
// remedy; all that is wrong is reported at once, one a line.
func File(ctx context.Context, name string, text []byte) ([]Resource, error) {
	checker, err := definition()
	if err != nil {
		return nil, err
	}
	documents, err := read(name, text)
	if err != nil {
		return nil, err
	}
	var resources []Resource
	var errs []error
	for _, document := range documents {
		ambassador, err := document.admit(ctx, checker)
		if err != nil {
			errs = append(errs, err)
		} else if ambassador != nil {
			resources = append(resources, Resource{ambassador, document})
		}
	}
	return resources, errors.Join(errs...)
}

// admit returns nil without an error for an object of another kind.
func (d *document) admit(ctx context.Context, checker *checker) (*v1alpha1.Ambassador, error) {
	object, err := d.object()
	if err != nil {
		return nil, err
	}
	if object["kind"] != kind {
		return nil, nil
	}
	if version := v1alpha1.GroupVersion.String(); object["apiVersion"] != version {
		return nil, d.fail("apiVersion", "apiVersion: %v is not known; write %s", object["apiVersion"], version)
	}
	var errs []error
	for _, path := range checker.unknown(object) {
		errs = append(errs, d.fail(path, "unknown field %q; check its spelling and indentation", path))
	}
	for _, found := range checker.check(ctx, object) {
		errs = append(errs, d.fail(found.Field, "%s", wordsOf(found)))
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	ambassador := new(v1alpha1.Ambassador)
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object, ambassador); err != nil {
		return nil, d.fail("", "%w", err)
	}
	return ambassador, nil
}
