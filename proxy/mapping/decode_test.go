package mapping

import (
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// FuzzDecode compares the decoder with the standard library's, and what is written of a value with the value.
func FuzzDecode(f *testing.F) {
	for _, text := range []string{
		`{"a":[1,-2.5e+10,"x\u00e9\ud83d\ude00\ud83d\n"],"b":{},"c":[],"a":null}`, "\xef\xbb\xbf 1 ", "[1,]", "{\"a\"}", "01", "-", "1.", "1e", "\"\x01\"", "\"\xff\"",
		"-0", "9223372036854775808", "nul", "true false", `"\u12"`, `"\x"`, "[[[]]]", "", " ", "\"a", `"\ud800\u0041"`, `"\\\/\b\f\r\t\""`, "123456789012345678901234567890",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := decode(text)
		want, wantErr := standard(text)
		if errors.Is(err, ErrTooLarge) {
			return
		}
		if (err == nil) != (wantErr == nil) || err == nil && !reflect.DeepEqual(digits(got), want) {
			t.Fatalf("%q is %#v, %v; want %#v, %v", text, digits(got), err, want, wantErr)
		}
		if err != nil {
			return
		}
		out, err := appendJSON(nil, got, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := decode(out); err != nil || !reflect.DeepEqual(again, got) {
			t.Fatalf("%q is written as %q, which is %#v, %v", text, out, again, err)
		}
	})
}

func standard(text []byte) (v any, err error) {
	decoder := json.NewDecoder(strings.NewReader(strings.TrimPrefix(string(text), "\xef\xbb\xbf")))
	decoder.UseNumber()
	if err := decoder.Decode(&v); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more")
	}
	return v, nil
}

// digits turns whole numbers into what the standard library makes of them.
func digits(v any) any {
	switch v := v.(type) {
	case int:
		return json.Number(strconv.Itoa(v))
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = digits(v[i])
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for key := range v {
			object[key] = digits(v[key])
		}
		return object
	}
	return v
}
