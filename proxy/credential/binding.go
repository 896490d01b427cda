package credential

import (
	"bytes"
	"errors"
	"io/fs"
	"net/url"
	"slices"
	"strings"
)

var (
	errBindingUnreadable = errors.New("the file can not be read, so nothing is allowed")
	errBindingInvalid    = errors.New("a line is not an absolute http or https URL without user information, query and fragment, so nothing is allowed")
	errBindingEmpty      = errors.New("the list is empty, so nothing is allowed")
	errBindingElsewhere  = errors.New("the upstream's URL, or one of its failover, is not on the list; the owner of the Secret can add it")
	errBindingUnverified = errors.New("the upstream's certificate is not verified; leave insecureSkipVerify out")
)

// target is where credentials are to be spent.
type target struct {
	urls       []*url.URL // each must be allowed
	unverified bool
}

// isAllowed returns nil when the binding file allows the target, or when there is none.
func (t *target) isAllowed(f file) error {
	if errors.Is(f.err, fs.ErrNotExist) {
		return nil
	}
	if f.err != nil {
		return errBindingUnreadable
	}
	allowed, err := parseBinding(f.content)
	switch {
	case err != nil:
		return err
	case len(allowed) == 0:
		return errBindingEmpty
	case t.unverified:
		return errBindingUnverified
	}
	for _, u := range t.urls {
		if !slices.ContainsFunc(allowed, func(a *url.URL) bool { return isBelow(u, a) }) {
			return errBindingElsewhere
		}
	}
	return nil
}

func parseBinding(content []byte) ([]*url.URL, error) {
	var allowed []*url.URL
	for line := range bytes.Lines(content) {
		text := string(bytes.TrimSpace(line))
		if text == "" || text[0] == '#' {
			continue
		}
		u, err := url.Parse(text)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil ||
			strings.ContainsAny(text, "?#%\\") || strings.Contains(u.Path, "//") || strings.Contains(u.Path+"/", "/../") || strings.Contains(u.Path+"/", "/./") {
			return nil, errBindingInvalid
		}
		allowed = append(allowed, u)
	}
	return allowed, nil
}

// isBelow reports whether u is allowed or a URL below it, by whole path segments.
func isBelow(u, allowed *url.URL) bool {
	if u.Scheme != allowed.Scheme || origin(u) != origin(allowed) {
		return false
	}
	prefix := strings.TrimSuffix(allowed.Path, "/") + "/"
	return strings.HasPrefix(strings.TrimSuffix(u.EscapedPath(), "/")+"/", prefix)
}

// origin returns host and port, the scheme's default port spelled out.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")) + ":" + port
}
