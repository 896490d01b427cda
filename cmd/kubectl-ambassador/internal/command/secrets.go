package command

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// given is what one --secret gives: a whole folder, or one key from a value or a file.
type given struct {
	secret, key string
	folder      string // with no key
	file        string // with a key, in place of value
	value       string
}

const secretForms = "write NAME=FOLDER, NAME:KEY=@FILE or NAME:KEY=VALUE"

// parseSecret reads one --secret. No error repeats the value.
func parseSecret(text string) (given, error) {
	name, value, found := strings.Cut(text, "=")
	if !found {
		return given{}, errors.New("--secret: there is no '=' in it; " + secretForms)
	}
	secret, key, hasKey := strings.Cut(name, ":")
	g := given{secret: secret, key: key}
	path, isFile := strings.CutPrefix(value, "@")
	switch {
	case !isFileName(secret) || hasKey && !isFileName(key):
		return given{}, fmt.Errorf("--secret %s: not the name of a Secret and its key; %s", name, secretForms)
	case !hasKey && value == "":
		return given{}, fmt.Errorf("--secret %s: names no folder; %s", name, secretForms)
	case !hasKey:
		g.folder = value
	case isFile:
		g.file = path
	default:
		g.value = value
	}
	return g, nil
}

// isFileName keeps a name from leading out of the folder of credentials.
func isFileName(name string) bool {
	return filepath.IsLocal(name) && filepath.Base(name) == name && name != "."
}

// lay puts what is given where the sidecar looks for it: a folder of the Secret's name, one file a key. A folder that is
// given is linked, so that the sidecar sees it change.
func (g *given) lay(credentials string) error {
	folder := filepath.Join(credentials, g.secret)
	if g.key == "" {
		return g.link(folder)
	}
	content := []byte(g.value)
	if g.file != "" {
		var err error
		if content, err = os.ReadFile(g.file); err != nil {
			return fmt.Errorf("--secret %s:%s: %w", g.secret, g.key, err)
		}
	}
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("--secret %s:%s: %w", g.secret, g.key, err)
	}
	file, err := os.OpenFile(filepath.Join(folder, g.key), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("--secret %s:%s: given twice; leave one out", g.secret, g.key)
	}
	if err != nil {
		return fmt.Errorf("--secret %s:%s: %w", g.secret, g.key, err)
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Close())
}

func (g *given) link(folder string) error {
	target, err := filepath.Abs(g.folder)
	if err != nil {
		return fmt.Errorf("--secret %s: %w", g.secret, err)
	}
	info, err := os.Stat(target)
	if err != nil {
		return fmt.Errorf("--secret %s: %w", g.secret, err)
	}
	if !info.IsDir() {
		return fmt.Errorf("--secret %s: %s is not a folder; for one key write %s:KEY=@%s", g.secret, g.folder, g.secret, g.folder)
	}
	if err := os.Symlink(target, folder); err != nil {
		return fmt.Errorf("--secret %s: given twice; give one folder, or keys alone", g.secret)
	}
	return nil
}
