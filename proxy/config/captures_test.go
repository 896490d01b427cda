package config

import (
	"fmt"
	"testing"
)

func TestCapturesThatAValueInserts(t *testing.T) {
	for value, want := range map[string]string{
		"":                "[]",
		"plain":           "[]",
		"{id}":            "[id]",
		"a{id}b{x_1}":     "[id x_1]",
		"{a}{b}":          "[a b]",
		`{"a":1}`:         "[]",
		`{"ref":"{id}"}`:  "[id]",
		"{":               "[]",
		"}{":              "[]",
		"{{id}}":          "[id]",
		"{Id}{}{id":       "[]",
		"{not one} {one}": "[one]",
	} {
		if got := fmt.Sprint(insertedBy(value)); got != want {
			t.Errorf("%q: got %s, want %s", value, got, want)
		}
	}
}
