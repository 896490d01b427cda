package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// MaxDocument is the largest document in bytes that Parse accepts: the size limit of a ConfigMap.
const MaxDocument = 1 << 20

// Parse decodes and checks a whole document. An unknown field, a second value after the first and every breach of the
// document's rules is an error that names the field; several are joined, one a line. The result shares no memory with data.
func Parse(data []byte) (*Document, error) {
	if len(data) > MaxDocument {
		return nil, fmt.Errorf("document: %d bytes; at most %d are read", len(data), MaxDocument)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	document := new(Document)
	if err := decoder.Decode(document); err != nil {
		return nil, fmt.Errorf("document: %w", describe(err, data, decoder.InputOffset()))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("document: text after the end of the JSON object; keep one object alone")
	}
	if err := document.Validate(); err != nil {
		return nil, err
	}
	return document, nil
}

// Encode writes the document as indented JSON with a final newline, or on one line where it would else be more than
// [MaxDocument]: the same bytes for the same document.
func (d *Document) Encode() ([]byte, error) {
	out, err := d.encode("  ")
	if err == nil && len(out) > MaxDocument {
		return d.encode("")
	}
	return out, err
}

func (d *Document) encode(indent string) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	if err := encoder.Encode(d); err != nil {
		return nil, fmt.Errorf("encoding the document: %w", err)
	}
	return out.Bytes(), nil
}

// describe says what is wrong with JSON and in which line, because people edit this document by hand when they run the
// sidecar without a cluster.
func describe(err error, data []byte, offset int64) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the JSON ends early; the file is empty or half-written")
	}
	text := strings.TrimPrefix(err.Error(), "json: ")
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = syntax.Offset
	}
	if mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		offset = mismatch.Offset // 0 where a type of this package refused the value
		text = fmt.Sprintf("%s: %s where %s is expected", mismatch.Field, mismatch.Value, kindName(mismatch.Type))
	}
	if strings.HasPrefix(text, "unknown field") {
		text += "; correct the spelling, or run a sidecar of the operator's version"
	}
	if offset == 0 {
		return errors.New(text)
	}
	line := 1 + bytes.Count(data[:min(int(offset), len(data))], []byte("\n"))
	return fmt.Errorf("line %d: %s", line, text)
}

// kindName names a Go type in the words of JSON.
func kindName(t reflect.Type) string {
	if t == reflect.TypeFor[Duration]() {
		return `a duration such as "30s"`
	}
	switch t.Kind() {
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Slice:
		return "a list"
	case reflect.Struct, reflect.Map, reflect.Pointer:
		return "an object"
	case reflect.Bool:
		return "true or false"
	default:
		return "a string"
	}
}
