// Trimcrd makes the generated CustomResourceDefinition small enough for a plain kubectl apply: it drops the descriptions
// inside the Pod template, which kubectl explain pod.spec has as well, and keeps those of our own fields, a line a
// paragraph. It also bounds the template's containers and ports, without which the API server can not tell that the
// rules over them are cheap.
//
//	controller-gen -> FILE -> trimcrd FILE -> FILE
package main

import (
	"fmt"
	"os"
	"strings"

	"sigs.k8s.io/yaml"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: trimcrd FILE")
		os.Exit(2)
	}
	if err := trim(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "trimcrd:", err)
		os.Exit(1)
	}
}

// foreign lists where the schema of spec holds types that are not ours.
var foreign = [][]string{{"workload", "template"}, {"sidecar", "resources"}}

// bounds limits what rules over template.spec look at; a container's name is a DNS label anyway.
var bounds = []struct {
	path []string
	word string
	max  int
}{
	{[]string{"containers"}, "maxItems", 64},
	{[]string{"containers", "[]", "name"}, "maxLength", 63},
	{[]string{"containers", "[]", "ports"}, "maxItems", 64},
	{[]string{"initContainers"}, "maxItems", 64},
	{[]string{"initContainers", "[]", "name"}, "maxLength", 63},
	{[]string{"initContainers", "[]", "ports"}, "maxItems", 64},
}

func trim(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var crd map[string]any
	if err := yaml.Unmarshal(text, &crd); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	for _, version := range crd["spec"].(map[string]any)["versions"].([]any) {
		schema := version.(map[string]any)["schema"].(map[string]any)["openAPIV3Schema"].(map[string]any)
		edit(property(schema, "spec"))
		describe(schema, unwrap)
	}
	text, err = yaml.Marshal(crd)
	if err != nil {
		return err
	}
	return os.WriteFile(file, append([]byte("---\n"), text...), 0o644)
}

func edit(spec map[string]any) {
	for _, path := range foreign {
		for _, child := range property(spec, path...)["properties"].(map[string]any) {
			describe(child.(map[string]any), drop)
		}
	}
	for _, bound := range bounds {
		property(property(spec, "workload", "template", "spec"), bound.path...)[bound.word] = bound.max
	}
}

// property follows path through properties, and through items where it says "[]".
func property(schema map[string]any, path ...string) map[string]any {
	for _, name := range path {
		if name == "[]" {
			schema = schema["items"].(map[string]any)
			continue
		}
		schema = schema["properties"].(map[string]any)[name].(map[string]any)
	}
	return schema
}

// describe passes the description of a schema and of every schema in it through edit, and drops it where nothing is
// left. A property of that name is a map and stays.
func describe(schema map[string]any, edit func(string) string) {
	if text, ok := schema["description"].(string); ok {
		schema["description"] = edit(text)
		if schema["description"] == "" {
			delete(schema, "description")
		}
	}
	for _, value := range schema {
		switch value := value.(type) {
		case map[string]any:
			describe(value, edit)
		case []any:
			for _, element := range value {
				if child, ok := element.(map[string]any); ok {
					describe(child, edit)
				}
			}
		}
	}
}

func drop(string) string { return "" }

// unwrap joins the lines of each paragraph, because kubectl explain wraps them anew and keeps the breaks that are there.
func unwrap(text string) string {
	paragraphs := strings.Split(text, "\n\n")
	for i, paragraph := range paragraphs {
		paragraphs[i] = strings.ReplaceAll(paragraph, "\n", " ")
	}
	return strings.Join(paragraphs, "\n\n")
}
