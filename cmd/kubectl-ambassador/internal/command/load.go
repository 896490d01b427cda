package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/ambassador-operator/ambassador-operator/cmd/kubectl-ambassador/internal/admit"
)

// errNoFile is what a command without files is refused with.
var errNoFile = errors.New("no file is given; write -f FILE, or -f - for standard input")

// load reads and checks the Ambassadors of the files, in order; "-" is standard input. It reports all that is wrong with all
// of them. There is at least one.
func load(ctx context.Context, files []string, stdin io.Reader, namespace string) (*checks, error) {
	if len(files) == 0 {
		return nil, errNoFile
	}
	resources, err := readFiles(ctx, files, stdin)
	if len(resources) == 0 && err == nil {
		return nil, fmt.Errorf("no Ambassador in %v; give a file with kind: Ambassador in it", files)
	}
	for i := range resources {
		if a := resources[i].Ambassador; a != nil && namespace != "" {
			a.Namespace = namespace
		}
	}
	found := check(resources)
	return found, errors.Join(err, found.mistakes())
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
