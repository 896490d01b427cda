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

// load reads the Ambassadors of the files, in order; "-" is standard input. It reports all that is wrong with all of them.
func load(ctx context.Context, files []string, stdin io.Reader, namespace string, options build.Options) ([]built, error) {
	if len(files) == 0 {
		return nil, errors.New("no file is given; write -f FILE, or -f - for standard input")
	}
	var all []built
	var errs []error
	for _, file := range files {
		resources, err := loadFile(ctx, file, stdin)
		if err != nil {
			errs = append(errs, err)
		}
		for _, resource := range resources {
			if namespace != "" {
				resource.Namespace = namespace
			}
			all = append(all, built{Resource: resource})
		}
	}
	if len(all) == 0 && len(errs) == 0 {
		return nil, fmt.Errorf("no Ambassador in %v; give a file with kind: Ambassador in it", files)
	}
	return all, errors.Join(append(errs, preview(all, options))...)
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

func loadFile(ctx context.Context, file string, stdin io.Reader) ([]admit.Resource, error) {
	if file == "-" {
		text, err := io.ReadAll(stdin)
		if err != nil {
			return nil, fmt.Errorf("standard input: %w", err)
		}
		return admit.File(ctx, "standard input", text)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return admit.File(ctx, file, text)
}
