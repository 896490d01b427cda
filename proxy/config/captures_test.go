package config_test

import (
	"fmt"
	"testing"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

func TestSplitCaptures(t *testing.T) {
	for text, want := range map[string]string{
		"":                `[""] []`,
		"plain":           `["plain"] []`,
		"{id}":            `["" ""] ["id"]`,
		"a{id}b{x_1}":     `["a" "b" ""] ["id" "x_1"]`,
		"{a}{b}":          `["" "" ""] ["a" "b"]`,
		`{"a":1}`:         `["{\"a\":1}"] []`,
		"{":               `["{"] []`,
		"}{":              `["}{"] []`,
		"{{id}}":          `["{" "}"] ["id"]`,
		"{Id}{}{id":       `["{Id}{}{id"] []`,
		"{not one} {one}": `["{not one} " ""] ["one"]`,
	} {
		literals, names := config.SplitCaptures(text)
		if got := fmt.Sprintf("%q %q", literals, names); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}
