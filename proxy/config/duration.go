package config

import (
	"encoding/json"
	"reflect"
	"strconv"
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
		return &json.UnmarshalTypeError{Value: string(data), Type: reflect.TypeFor[Duration]()}
	}
	parsed, err := time.ParseDuration(text)
	if err != nil {
		return &json.UnmarshalTypeError{Value: strconv.Quote(text), Type: reflect.TypeFor[Duration]()}
	}
	*d = Duration(parsed)
	return nil
}
