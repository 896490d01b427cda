package admit

import (
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// step is one part of a field's path: a name, or an index in brackets.
var step = regexp.MustCompile(`\[[^\]]*\]|[^.\[\]]+`)

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
