package main_test

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"
)

// answer is a response, read to its end.
type answer struct {
	status int
	header http.Header
	body   string
}

func get(t *testing.T, url string) answer {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(body)}
}

// adminStatus returns the status code of an admin page, or 0.
func (p *pod) adminStatus(path string) int {
	response, err := http.Get("http://" + p.admin + path)
	if err != nil {
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}

func (p *pod) adminPage(path string) string {
	p.t.Helper()
	return get(p.t, "http://"+p.admin+path).body
}

// status reads one field of /status by its path of names and numbers.
func (p *pod) status(path ...any) any {
	p.t.Helper()
	var at any
	if err := json.Unmarshal([]byte(p.adminPage("/status")), &at); err != nil {
		p.t.Fatal(err)
	}
	for _, step := range path {
		switch inner := at.(type) {
		case map[string]any:
			at = inner[step.(string)]
		case []any:
			at = inner[step.(int)]
		default:
			return nil
		}
	}
	return at
}
