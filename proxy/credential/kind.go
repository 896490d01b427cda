package credential

import (
	"encoding/base64"
	"errors"
	"strings"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
	"github.com/ambassador-operator/ambassador-operator/proxy/route"
)

// kind is one way to attach a credential.
type kind interface {
	// keys names the keys of the Secret that are read.
	keys() []string
	// owns names the field and the parameter that are the credential's alone, or "".
	owns() (field, parameter string)
	// render makes what is attached from the keys' values, which have passed check, in the order of keys. The error is
	// in words of its own and names the key.
	render(values [][]byte) (piece, *keyError)
}

// piece is what one credential adds to a request.
type piece struct {
	fields Value // lines with their CRLF, or empty
	query  Value // an escaped pair, or empty
}

// keyError says which of a kind's keys can not be attached.
type keyError struct {
	key string
	err error
}

// kindOf returns the kind that a valid document sets.
func kindOf(c *config.Credential) kind {
	switch {
	case c.Header != nil:
		return (*header)(c.Header)
	case c.Query != nil:
		return (*query)(c.Query)
	case c.Bearer != nil:
		return &header{Name: "Authorization", Key: c.Bearer.Key, Prefix: "Bearer "}
	default:
		return (*basic)(c.Basic)
	}
}

type header config.HeaderCredential

func (h *header) keys() []string         { return []string{h.Key} }
func (h *header) owns() (string, string) { return strings.ToLower(h.Name), "" }
func (h *header) render(values [][]byte) (piece, *keyError) {
	if err := checkField(values[0]); err != nil {
		return piece{}, &keyError{h.Key, err}
	}
	return piece{fields: field(h.Name, h.Prefix, values[0])}, nil
}

type query config.QueryCredential

func (q *query) keys() []string         { return []string{q.Key} }
func (q *query) owns() (string, string) { return "", q.Name }
func (q *query) render(values [][]byte) (piece, *keyError) {
	pair := append(route.AppendEscaped(nil, q.Name), '=')
	return piece{query: NewValue(route.AppendEscaped(pair, values[0]))}, nil
}

type basic config.BasicCredential

func (b *basic) keys() []string         { return []string{b.UsernameKey, b.PasswordKey} }
func (b *basic) owns() (string, string) { return "authorization", "" }
func (b *basic) render(values [][]byte) (piece, *keyError) {
	for i, key := range b.keys() {
		if err := checkBasic(values[i], i == 0); err != nil {
			return piece{}, &keyError{key, err}
		}
	}
	pair := append(append(append([]byte(nil), values[0]...), ':'), values[1]...)
	return piece{fields: field("Authorization", "Basic ", base64.StdEncoding.AppendEncode(nil, pair))}, nil
}

func field(name, prefix string, value []byte) Value {
	line := append([]byte(name+": "+prefix), value...)
	return NewValue(append(line, "\r\n"...))
}

var (
	errControl = errors.New("the value holds a control character; store it as plain text")
	errColon   = errors.New("the user name holds a ':', which basic authentication can not carry (RFC 7617, section 2)")
	errSpace   = errors.New("the value starts or ends with white space, which a header field loses (RFC 9110, section 5.5)")
)

// checkField accepts what a field's value may be (RFC 9110, section 5.5).
func checkField(value []byte) error {
	for _, c := range value {
		if c < ' ' && c != '\t' || c == 0x7f {
			return errControl
		}
	}
	if isSpace(value[0]) || isSpace(value[len(value)-1]) {
		return errSpace
	}
	return nil
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' }

// checkBasic accepts what RFC 7617, section 2, lets a user name or password be.
func checkBasic(value []byte, isUser bool) error {
	for _, c := range value {
		switch {
		case c < ' ' || c == 0x7f:
			return errControl
		case c == ':' && isUser:
			return errColon
		}
	}
	return nil
}
