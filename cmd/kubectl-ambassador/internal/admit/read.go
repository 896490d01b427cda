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
		if content := root.Content[0]; content.Tag != "!!null" {
			documents = append(documents, document{file: file, root: content})
		}
	}
}

// object decodes the document as kubectl does: strictly, so that a field that is given twice is an error.
func (d *document) object() (map[string]any, error) {
	if d.root.Kind != yaml.MappingNode {
		return nil, d.fail("", "not an object; start with apiVersion, kind, metadata and spec")
	}
	text, err := yaml.Marshal(d.root)
	if err != nil {
		return nil, d.fail("", "%w", err)
	}
	if text, err = apiyaml.YAMLToJSONStrict(text); err != nil {
		return nil, d.fail("", "%w", err)
	}
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		return nil, d.fail("", "%w", err)
	}
	return object, nil
}
