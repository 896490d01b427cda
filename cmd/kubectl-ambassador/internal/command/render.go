package command

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/ambassador-operator/ambassador-operator/controllers"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
	"github.com/ambassador-operator/ambassador-operator/controllers/manager"
)

// repository is where releases of the sidecar's image are.
const repository = "ghcr.io/ambassador-operator/ambassador"

// printers write what was built in one of the formats of --output.
var printers = map[string]func(io.Writer, []*build.Objects) error{
	"yaml":  printYAML,
	"json":  printJSON,
	"proxy": printDocuments,
}

func newRender(version string) *cobra.Command {
	var files []string
	var output, namespace string
	options := build.Options{SidecarImage: cmp.Or(os.Getenv(manager.SidecarImageVariable), repository+":"+version)}
	command := &cobra.Command{
		Use:   "render -f FILE",
		Short: "Print the objects that the operator would apply",
		Long: "Print the objects that the operator would apply for each Ambassador of the files: a ConfigMap with the\n" +
			"sidecar's document, then the Deployment or Pod with the sidecar in it. An Ambassador without a workload is in the\n" +
			"documents of those that take it in. Left out is what only a cluster gives:\n" +
			"the owner reference, and the operator's hash over it.",
		Example: "  kubectl ambassador render -f themoviedb.yaml\n" +
			"  kubectl ambassador render -f themoviedb.yaml -o json | jq '.items[].kind'\n" +
			"  kubectl ambassador render -f - -o proxy < themoviedb.yaml > ambassador.json",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			write, known := printers[output]
			if !known {
				return fmt.Errorf("--output: %q is not one of yaml, json, proxy", output)
			}
			found, err := load(cmd.Context(), files, cmd.InOrStdin(), namespace)
			if err != nil {
				return err
			}
			all, err := found.preview(options)
			if err != nil {
				return err
			}
			return write(cmd.OutOrStdout(), all)
		},
	}
	flags := command.Flags()
	flags.StringArrayVarP(&files, "filename", "f", nil, "file with Ambassadors, YAML or JSON; - is standard input; may be given again")
	flags.StringVarP(&output, "output", "o", "yaml", "yaml, json (one v1 List) or proxy (the sidecar's document, one for each Ambassador)")
	flags.StringVarP(&namespace, "namespace", "n", "", "namespace of the objects, in place of the file's")
	flags.StringVar(&options.SidecarImage, "sidecar-image", options.SidecarImage, "image of the sidecar where an Ambassador names none; also "+manager.SidecarImageVariable)
	return command
}

// preview builds what each stands for, with those of the others that it takes in.
func (c *checks) preview(options build.Options) ([]*build.Objects, error) {
	var all []*build.Objects
	var errs []error
	for i := range c.all {
		objects, err := controllers.Preview(c.all[i].Ambassador, c.ambassadors(), options)
		if err != nil {
			errs = append(errs, c.all[i].Locate(err))
		}
		all = append(all, objects)
	}
	return all, errors.Join(errs...)
}

func printYAML(out io.Writer, all []*build.Objects) error {
	for _, one := range all {
		for _, object := range one.List() {
			fields, err := fieldsOf(object)
			if err != nil {
				return err
			}
			text, err := yaml.Marshal(fields)
			if err != nil {
				return fmt.Errorf("encoding %T: %w", object, err)
			}
			if _, err := fmt.Fprintf(out, "---\n%s", text); err != nil {
				return err
			}
		}
	}
	return nil
}

func printJSON(out io.Writer, all []*build.Objects) error {
	items := []any{}
	for _, one := range all {
		for _, object := range one.List() {
			fields, err := fieldsOf(object)
			if err != nil {
				return err
			}
			items = append(items, fields)
		}
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(map[string]any{"apiVersion": "v1", "kind": "List", "metadata": map[string]any{}, "items": items})
}

func printDocuments(out io.Writer, all []*build.Objects) error {
	for _, one := range all {
		if one.ConfigMap == nil {
			continue // It has no workload, and is in the documents of those that take it in.
		}
		text, found := one.ConfigMap.Data[build.ConfigKey]
		if !found {
			return errors.New("the ConfigMap holds no document")
		}
		if _, err := io.WriteString(out, text); err != nil {
			return err
		}
	}
	return nil
}

// fieldsOf returns what is applied, without what only a cluster gives. The object is this command's own.
func fieldsOf(object client.Object) (map[string]any, error) {
	object.SetOwnerReferences(nil)
	annotations := object.GetAnnotations()
	delete(annotations, build.HashAnnotation)
	object.SetAnnotations(annotations)
	applied, err := build.ApplyConfiguration(object)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(applied)
	if err != nil {
		return nil, fmt.Errorf("encoding %T: %w", object, err)
	}
	var fields map[string]any
	return fields, json.Unmarshal(text, &fields)
}
