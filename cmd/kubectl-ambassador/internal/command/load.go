package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/cmd/kubectl-ambassador/internal/admit"
	"github.com/ambassador-operator/ambassador-operator/controllers"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
)

// built is one Ambassador with what the operator makes of it.
type built struct {
	admit.Resource
	objects *build.Objects
}

// errNoFile is what a command without files is refused with.
var errNoFile = errors.New("no file is given; write -f FILE, or -f - for standard input")

// load reads the Ambassadors of the files, in order; "-" is standard input. It reports all that is wrong with all of them.
func load(ctx context.Context, files []string, stdin io.Reader, namespace string, options build.Options) ([]built, error) {
	if len(files) == 0 {
		return nil, errNoFile
	}
	resources, err := readFiles(ctx, files, stdin)
	if len(resources) == 0 && err == nil {
		return nil, fmt.Errorf("no Ambassador in %v; give a file with kind: Ambassador in it", files)
	}
	var all []built
	for i := range resources {
		if a := resources[i].Ambassador; a != nil && namespace != "" {
			a.Namespace = namespace
		}
		all = append(all, built{Resource: resources[i]})
	}
	if err := errors.Join(err, check(resources).mistakes()); err != nil {
		return nil, err
	}
	return all, preview(all, options)
}

// preview builds what each stands for, with those of the others that it takes in.
func preview(all []built, options build.Options) error {
	var others []*v1alpha1.Ambassador
	for i := range all {
		others = append(others, all[i].Ambassador)
	}
	var errs []error
	for i := range all {
		var err error
		if all[i].objects, err = controllers.Preview(all[i].Ambassador, others, options); err != nil {
			errs = append(errs, all[i].Locate(err))
		}
	}
	return errors.Join(errs...)
}

// readFiles returns the Ambassadors of all files, those with mistakes too; the error is about what could not be read.
func readFiles(ctx context.Context, files []string, stdin io.Reader) ([]admit.Resource, error) {
	var all []admit.Resource
	var errs []error
	for _, file := range files {
		resources, err := readFile(ctx, file, stdin)
		all, errs = append(all, resources...), append(errs, err)
	}
	return all, errors.Join(errs...)
}

func readFile(ctx context.Context, file string, stdin io.Reader) ([]admit.Resource, error) {
	if file == "-" {
		text, err := io.ReadAll(stdin)
		if err != nil {
			return nil, fmt.Errorf("standard input: %w", err)
		}
		return admit.Read(ctx, "standard input", text)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return admit.Read(ctx, file, text)
}
