package credential

import "fmt"

// State says what is wrong with one key.
type State string

const (
	// Missing: the Secret or the key is not there.
	Missing State = "missing"
	// Empty: the key's value is empty.
	Empty State = "empty"
	// Invalid: the value can not be read, or can not be attached.
	Invalid State = "invalid"
	// NotAllowed: the Secret's allowed-upstreams does not allow this upstream.
	NotAllowed State = "upstream-not-allowed"
)

// Problem is what is wrong with one key of one Secret. It never holds a value.
type Problem struct {
	Ambassador string `json:"ambassador"`
	Secret     string `json:"secret"`
	Key        string `json:"key"`
	State      State  `json:"problem"`
	// Detail says it in a sentence, with the remedy.
	Detail string `json:"detail,omitempty"`
	// Kept tells that the last good value is still in use.
	Kept bool `json:"kept,omitempty"`
}

// Error names the key and what is wrong with it.
func (p *Problem) Error() string {
	return fmt.Sprintf("secret %q, key %q: %s", p.Secret, p.Key, p.Detail)
}
