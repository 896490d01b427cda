package mapping

import (
	"errors"
	"fmt"
)

// Why content is not mapped. Their texts are all that is told of it: that of a program may hold a piece of the answer.
var (
	// ErrInput is content, or an event, that is not JSON.
	ErrInput = errors.New("the answer is not JSON")
	// ErrTooLarge is content or an event longer than MaxBytes, or what a program makes longer than MaxOutputBytes.
	ErrTooLarge = errors.New("too large to be mapped")
	// ErrProgram is a program that ended with an error.
	ErrProgram = errors.New("the program failed")
	// ErrValues is a program that made no value, or more than one.
	ErrValues = errors.New("the program did not make exactly one value")
	// ErrStatus is a statusJQ that made neither a status nor null.
	ErrStatus = errors.New("statusJQ did not make a number of 200 to 599, or null")
	// ErrTimeout is a program that took longer than Timeout.
	ErrTimeout = errors.New("the program took too long")
	// ErrMemory is a program that took more memory than it may.
	ErrMemory = errors.New("the program took too much memory")
)

// reasons are the values of the label that says why a mapping failed.
var reasons = []struct {
	err  error
	name string
}{
	{ErrInput, "input"},
	{ErrTooLarge, "too-large"},
	{ErrProgram, "program"},
	{ErrValues, "values"},
	{ErrStatus, "status"},
	{ErrTimeout, "timeout"},
	{ErrMemory, "memory"},
}

// Reason returns one word for what failed: "input", "too-large", "program", "values", "status", "timeout" or "memory". It is "ended"
// for a context that ended, and "" for nil.
func Reason(err error) string {
	if err == nil {
		return ""
	}
	for _, r := range reasons {
		if errors.Is(err, r.err) {
			return r.name
		}
	}
	return "ended"
}

// failure is an error of a rule when it runs.
type failure struct {
	rule int
	err  error
}

func (f *failure) Error() string { return fmt.Sprintf("response.rules[%d]: %v", f.rule, f.err) }

func (f *failure) Unwrap() error { return f.err }
