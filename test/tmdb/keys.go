package tmdb

import (
	"os"
	"strings"
)

// KeysIn reads keys from a file, one a line, each time it is asked, so that a
// key can be added or withdrawn while the service runs.
func KeysIn(path string) Keys {
	return func() ([]string, error) {
		content, err := os.ReadFile(path)
		return strings.Fields(string(content)), err
	}
}
