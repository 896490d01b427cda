package standin

import (
	"os"
	"slices"
	"strings"
)

// Keys returns the keys that are valid now. It is called for each request.
type Keys func() ([]string, error)

// KeysIn reads keys from a file, one a line, each time it is asked, so that a
// key can be added or withdrawn while the service runs.
func KeysIn(path string) Keys {
	return func() ([]string, error) {
		content, err := os.ReadFile(path)
		return strings.Fields(string(content)), err
	}
}

// Number is where among the keys one stands, from 1, and 0 where it does not.
func (k Keys) Number(key string) (int, error) {
	valid, err := k()
	if key == "" {
		return 0, err
	}
	return slices.Index(valid, key) + 1, err
}
