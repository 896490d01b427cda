package tmdb

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ambassador-operator/ambassador-operator/test/standin"
)

// get asks a service whose only key is "good".
func get(t *testing.T, target string) (status int, body string) {
	t.Helper()
	recorder := httptest.NewRecorder()
	New(func() ([]string, error) { return []string{"good"}, nil }).
		ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, target, nil))
	answer := recorder.Result()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(content)
}

func TestRequestWithoutAValidKeyIsRefusedAsTheServiceDoes(t *testing.T) {
	const want = `{"status_code":7,"status_message":"Invalid API key: You must be granted a valid key.","success":false}`
	for _, target := range []string{"/3/discover/movie", "/3/movie/603?api_key=", "/3/unknown?api_key=bad"} {
		if status, body := get(t, target); status != http.StatusUnauthorized || body != want {
			t.Errorf("%s: %d %s", target, status, body)
		}
	}
}

func TestPathsAnswerInTheServicesShape(t *testing.T) {
	for _, test := range []struct {
		name, target, field string
		want                any
	}{
		{"discover lists every film", "/3/discover/movie?api_key=good", "total_results", 12.0},
		{"discover pages", "/3/discover/movie?api_key=good&page=2", "page", 2.0},
		{"search finds by title", "/3/search/movie?query=matrix&api_key=good", "total_results", 1.0},
		{"search without words finds nothing", "/3/search/movie?api_key=good", "total_results", 0.0},
		{"movie has its own page", "/3/movie/603?api_key=good", "title", "The Matrix"},
		{"unknown movie has the service's code", "/3/movie/1?api_key=good", "status_code", 34.0},
		{"unknown path has the service's code", "/3/tv/1?api_key=good", "status_code", 34.0},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, body := get(t, test.target)
			var fields map[string]any
			if err := json.Unmarshal([]byte(body), &fields); err != nil {
				t.Fatalf("%v in %s", err, body)
			}
			if fields[test.field] != test.want {
				t.Errorf("%s = %v, want %v", test.field, fields[test.field], test.want)
			}
		})
	}
}

func TestRatingIsTakenAsTheServiceDoes(t *testing.T) {
	service := New(func() ([]string, error) { return []string{"good"}, nil })
	for _, test := range []struct {
		name, id, content string
		want              int
	}{
		{"a rating", "603", `{"value":9.5}`, http.StatusCreated},
		{"too high", "603", `{"value":11}`, http.StatusBadRequest},
		{"none", "603", ``, http.StatusBadRequest},
		{"an unknown movie", "1", `{"value":9.5}`, http.StatusNotFound},
	} {
		t.Run(test.name, func(t *testing.T) {
			recorder := httptest.NewRecorder()
			service.ServeHTTP(recorder, httptest.NewRequest(http.MethodPost, "/3/movie/"+test.id+"/rating?api_key=good", strings.NewReader(test.content)))
			if recorder.Code != test.want {
				t.Errorf("%d %s, want %d", recorder.Code, recorder.Body, test.want)
			}
		})
	}
}

func TestKeysAreReadAnewAndNumbered(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys")
	service := New(standin.KeysIn(file))
	for _, step := range []struct{ keys, use, number string }{
		{"first\n", "first", "1"},
		{"first\nsecond\n", "second", "2"},
		{"second\n", "second", "1"},
		{"second\n", "first", ""},
	} {
		if err := os.WriteFile(file, []byte(step.keys), 0o600); err != nil {
			t.Fatal(err)
		}
		recorder := httptest.NewRecorder()
		service.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/3/configuration?api_key="+step.use, nil))
		if got := recorder.Header().Get(KeyNumber); got != step.number {
			t.Errorf("keys %q, used %q: key number %q, want %q", step.keys, step.use, got, step.number)
		}
	}
}
