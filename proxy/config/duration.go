package config

import (
	"encoding/json"
	"fmt"
	"time"
)

// Duration is a [time.Duration] that JSON holds as a string such as "1m30s", as [time.ParseDuration] reads it.
type Duration time.Duration

// Or returns d, or fallback where d is zero.
func (d Duration) Or(fallback time.Duration) time.Duration {
	if d == 0 {
		return fallback
	}
	return time.Duration(d)
}

// MarshalJSON writes the duration as a string.
func (d Duration) MarshalJSON() ([]byte, error) {
	return json.Marshal(time.Duration(d).String())
}

// UnmarshalJSON accepts a string that [time.ParseDuration] accepts, and nothing else.
func (d *Duration) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return fmt.Errorf("a duration is a string such as \"30s\", not %s", data)
	}
	parsed, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("%q is not a duration; write a number with a unit, such as \"30s\"", text)
	}
	*d = Duration(parsed)
	return nil
}
