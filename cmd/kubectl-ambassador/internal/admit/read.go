package admit

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/util/json"
	apiyaml "sigs.k8s.io/yaml"
)

// document is one YAML document of a file, with what is needed to say where in it a field stands.
type document struct {
	file string
	root *yaml.Node
}

// read splits a file into its documents and leaves out the empty ones.
func read(file string, text []byte) ([]document, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var documents []document
	for {
		var root yaml.Node
		err := decoder.Decode(&root)
		if errors.Is(err, io.EOF) {
			return documents, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if content := root.Content[0]; content.Kind != yaml.ScalarNode || content.Tag != "!!null" {
			documents = append(documents, document{file: file, root: content})
		}
	}
}

// object decodes the document as kubectl does: strictly, so that a field that is given twice is an error.
func (d *document) object() (map[string]any, error) {
	if d.root.Kind != yaml.MappingNode {
		return nil, d.fail(d.root.Line, "not an object; start with apiVersion, kind, metadata and spec")
	}
	text, err := yaml.Marshal(d.root)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.file, err)
	}
	if text, err = apiyaml.YAMLToJSONStrict(text); err != nil {
		return nil, d.fail(d.root.Line, "%w", err)
	}
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		return nil, d.fail(d.root.Line, "%w", err)
	}
	return object, nil
}

func (d *document) fail(line int, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %w", d.file, line, fmt.Errorf(format, args...))
}
