package admit

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// step is one part of a field's path: a name, or an index in brackets.
var step = regexp.MustCompile(`\[[^\]]*\]|[^.\[\]]+`)

// Locate takes an error apart whose lines each start with a field and a colon, as those of the operator's checks do.
func (r *Resource) Locate(err error) error {
	var errs []error
	for _, mistake := range r.Locations(err) {
		errs = append(errs, mistake)
	}
	return errors.Join(errs...)
}

// Locations is Locate, a mistake for each line.
func (r *Resource) Locations(err error) []Mistake {
	var found []Mistake
	for line := range strings.Lines(err.Error()) {
		line = strings.TrimSuffix(line, "\n")
		path, _, _ := strings.Cut(line, ":")
		found = append(found, r.document.mistake(path, "%s", line))
	}
	return found
}

func (d *document) mistake(path, format string, args ...any) Mistake {
	return Mistake{File: d.file, Line: d.line(path), Field: path, Text: fmt.Sprintf(format, args...)}
}

// wordsOf returns the error's text. A rule about the whole resource has no field, and its words name it.
func wordsOf(err *field.Error) string { return strings.TrimPrefix(err.Error(), "<nil>: ") }

// line finds where the field of a path such as "spec.routes[2].path" stands, or as much of it as there is: a field that
// is missing has its parent's line.
func (d *document) line(path string) int {
	node := d.root
	line := node.Line
	for _, name := range step.FindAllString(path, -1) {
		var at *yaml.Node
		if at, node = child(node, name); node == nil {
			break
		}
		line = at.Line
	}
	return line
}

// child returns the child of that name and the node that stands where a reader looks for it: a mapping's key, a list's
// element. Both are nil where there is none.
func child(node *yaml.Node, name string) (at, value *yaml.Node) {
	for node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if node.Kind == yaml.MappingNode {
		name = strings.Trim(name, "[]") // a key that is no plain word stands in brackets
	}
	switch {
	case node.Kind == yaml.SequenceNode && name[0] == '[':
		if i, err := strconv.Atoi(name[1 : len(name)-1]); err == nil && i < len(node.Content) {
			return node.Content[i], node.Content[i]
		}
	case node.Kind == yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == name {
				return node.Content[i], node.Content[i+1]
			}
		}
	}
	return nil, nil
}
