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

// Kind is the one kind of object that is read; others in a file are left alone.
const Kind = "Ambassador"

var definition = sync.OnceValues(func() (*checker, error) { return newChecker(crd.Ambassadors) })

// File returns the Ambassadors in the text of a file, with their defaults set, in the order of the file. Documents of
// other kinds are passed over, so that a file may hold a whole application. An error names file, line, field and
// remedy; all that is wrong is reported at once, one a line.
func File(ctx context.Context, name string, text []byte) ([]*v1alpha1.Ambassador, error) {
	checker, err := definition()
	if err != nil {
		return nil, err
	}
	documents, err := read(name, text)
	if err != nil {
		return nil, err
	}
	var ambassadors []*v1alpha1.Ambassador
	var errs []error
	for _, document := range documents {
		ambassador, err := document.admit(ctx, checker)
		if err != nil {
			errs = append(errs, err)
		} else if ambassador != nil {
			ambassadors = append(ambassadors, ambassador)
		}
	}
	return ambassadors, errors.Join(errs...)
}

// admit returns nil without an error for an object of another kind.
func (d *document) admit(ctx context.Context, checker *checker) (*v1alpha1.Ambassador, error) {
	object, err := d.object()
	if err != nil {
		return nil, err
	}
	if object["kind"] != Kind {
		return nil, nil
	}
	if version := v1alpha1.GroupVersion.String(); object["apiVersion"] != version {
		return nil, d.fail(d.line("apiVersion"), "apiVersion: %v is not known; write %s", object["apiVersion"], version)
	}
	var errs []error
	for _, path := range checker.unknown(object) {
		errs = append(errs, d.fail(d.line(path), "unknown field %q; check its spelling and indentation", path))
	}
	for _, found := range checker.check(ctx, object) {
		errs = append(errs, d.fail(d.line(found.Field), "%w", found))
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	ambassador := new(v1alpha1.Ambassador)
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object, ambassador); err != nil {
		return nil, d.fail(d.root.Line, "%w", err)
	}
	return ambassador, d.serve(ambassador)
}

// serve checks the sidecar's document, whose errors speak of "ambassadors[0]" where the resource has "spec".
func (d *document) serve(ambassador *v1alpha1.Ambassador) error {
	if ambassador.Name == "" {
		return d.fail(d.line("metadata"), "metadata.name: missing; write a name such as themoviedb")
	}
	return nil
}

var _ = fmt.Errorf
