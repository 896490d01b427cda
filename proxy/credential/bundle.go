package credential

import (
	"errors"
	"io/fs"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// secret is what one Secret gives to an ambassador: the pieces of all credentials that refer to it, which are replaced
// together or not at all.
type secret struct {
	name    string
	keys    []string
	files   []string // of keys, those that are not attached but must be there
	configs []config.Credential
	kinds   []kind
	places  []int   // of each credential in the document
	good    []piece // one a kind, of the last good generation; nil: none
}

func (s *secret) add(place int, c *config.Credential, k kind) {
	s.places = append(s.places, place)
	s.configs = append(s.configs, *c)
	s.kinds = append(s.kinds, k)
	s.keys = append(s.keys, k.keys()...)
}

// require has keys be there whose content is not attached.
func (s *secret) require(keys ...string) {
	s.files = append(s.files, keys...)
	s.keys = append(s.keys, keys...)
}

// load reads the Secret's files and renders them. It returns what is wrong; the good pieces are then the last good
// ones where values are bad, and none where a value is missing.
func (s *secret) load(folder string, t *target) []Problem {
	files := readSecret(folder, s.keys)
	pieces := make([]piece, len(s.kinds))
	var problems []Problem
	missing := false
	for i, k := range s.kinds {
		var p *Problem
		if pieces[i], p = s.render(k, files); p != nil {
			problems = append(problems, *p)
			missing = missing || p.State == Missing
		}
	}
	for _, key := range s.files {
		if errors.Is(files[key].err, fs.ErrNotExist) {
			problems = append(problems, s.missing(key))
			missing = true
		}
	}
	switch {
	case missing:
		s.good = nil
	case len(problems) == 0:
		s.good = pieces
	}
	for i := range problems {
		problems[i].Kept = s.good != nil
	}
	if err := t.isAllowed(files[config.BindingKey]); err != nil {
		problems = append(problems, Problem{Secret: s.name, Key: config.BindingKey, State: NotAllowed, Detail: err.Error()})
	}
	return problems
}

// render makes one credential's piece, or says which of its keys is wrong.
func (s *secret) render(k kind, files map[string]file) (piece, *Problem) {
	keys := k.keys()
	values := make([][]byte, len(keys))
	for i, key := range keys {
		var p *Problem
		if values[i], p = s.value(key, files[key]); p != nil {
			return piece{}, p
		}
	}
	rendered, wrong := k.render(values)
	if wrong != nil {
		return piece{}, &Problem{Secret: s.name, Key: wrong.key, State: Invalid, Detail: wrong.err.Error()}
	}
	return rendered, nil
}

func (s *secret) missing(key string) Problem {
	return Problem{Secret: s.name, Key: key, State: Missing, Detail: "there is no such key; add it to the Secret"}
}

func (s *secret) value(key string, f file) ([]byte, *Problem) {
	if errors.Is(f.err, fs.ErrNotExist) {
		return nil, new(s.missing(key))
	}
	if f.err != nil {
		return nil, &Problem{Secret: s.name, Key: key, State: Invalid, Detail: "the file can not be read: " + f.err.Error()}
	}
	value, err := check(f.content)
	switch {
	case errors.Is(err, errEmpty):
		return nil, &Problem{Secret: s.name, Key: key, State: Empty, Detail: err.Error()}
	case err != nil:
		return nil, &Problem{Secret: s.name, Key: key, State: Invalid, Detail: err.Error()}
	}
	return value, nil
}
