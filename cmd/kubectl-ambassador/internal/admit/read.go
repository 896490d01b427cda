package admit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/util/json"
	apiyaml "sigs.k8s.io/yaml"
)

// document is one YAML document of a file, with what is needed to say where in it a field stands.
type document struct {
	file string
	root *yaml.Node
}

// syntax is where the YAML library says where a mistake is.
var syntax = regexp.MustCompile(`^yaml: line (\d+): `)

// read splits a file into its documents and leaves out the empty ones. Beside an error it returns those before it.
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
			return documents, misread(file, err)
		}
		if content := root.Content[0]; content.Tag != "!!null" {
			documents = append(documents, document{file: file, root: content})
		}
	}
}

// misread puts the line where a reader of compilers' messages looks for it.
func misread(file string, err error) error {
	text := err.Error()
	if found := syntax.FindStringSubmatch(text); found != nil {
		return fmt.Errorf("%s:%s: %s", file, found[1], text[len(found[0]):])
	}
	return fmt.Errorf("%s: %w", file, err)
}

// object decodes the document as kubectl does: strictly, so that a field that is given twice is an error.
func (d *document) object() (map[string]any, error) {
	if d.root.Kind != yaml.MappingNode {
		return nil, d.mistake("", "not an object; start with apiVersion, kind, metadata and spec")
	}
	text, err := yaml.Marshal(d.root)
	if err != nil {
		return nil, d.mistake("", "%v", err)
	}
	if text, err = apiyaml.YAMLToJSONStrict(text); err != nil {
		return nil, d.mistake("", "%v", err)
	}
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		return nil, d.mistake("", "%v", err)
	}
	return object, nil
}
