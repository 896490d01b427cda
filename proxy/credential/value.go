package credential

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// MaxValue is the size in bytes up to which a key's value is accepted. Few services take a longer header field.
const MaxValue = 8 << 10

// placeholder is every textual form of a value.
const placeholder = "[credential]"

// Value is a secret. It prints as a placeholder in every way that fmt, encoding/json and log/slog know, also inside
// other types. Its zero value is empty.
type Value struct {
	// A pointer, because fmt prints unexported fields without asking their methods.
	bytes *[]byte
}

// NewValue wraps secret, which the caller must not change afterwards.
func NewValue(secret []byte) Value { return Value{&secret} }

// Bytes returns the secret itself, to be read only. It is nil for the zero value.
func (v Value) Bytes() []byte {
	if v.bytes == nil {
		return nil
	}
	return *v.bytes
}

// Equal reports whether both hold the same bytes.
func (v Value) Equal(other Value) bool { return bytes.Equal(v.Bytes(), other.Bytes()) }

// Format writes a placeholder, whatever the verb.
func (v Value) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, placeholder) }

// String returns a placeholder.
func (v Value) String() string { return placeholder }

// GoString returns a placeholder.
func (v Value) GoString() string { return placeholder }

// LogValue returns a placeholder.
func (v Value) LogValue() slog.Value { return slog.StringValue(placeholder) }

// MarshalText returns a placeholder.
func (v Value) MarshalText() ([]byte, error) { return []byte(placeholder), nil }

var (
	errEmpty    = errors.New("the value is empty")
	errTooLarge = errors.New("the value is over 8 KiB")
	errBreak    = errors.New("the value holds a line break before its end, or a CR; store it as one line")
	errNUL      = errors.New("the value holds a NUL byte; store it as text")
)

// check returns the value that a file's content stands for: one newline at its end is left out, as most tools write one.
func check(content []byte) ([]byte, error) {
	content = bytes.TrimSuffix(content, []byte("\n"))
	switch {
	case len(content) == 0:
		return nil, errEmpty
	case len(content) > MaxValue:
		return nil, errTooLarge
	case bytes.ContainsAny(content, "\r\n"):
		return nil, errBreak
	case bytes.IndexByte(content, 0) >= 0:
		return nil, errNUL
	}
	return content, nil
}
