package omdb

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// get asks a service whose keys are "old" and "good".
func get(target string) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	New(func() ([]string, error) { return []string{"old", "good"}, nil }).
		ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, target, nil))
	return recorder
}

func TestErrorsHaveOneShapeAndMostlyStatus200(t *testing.T) {
	for _, test := range []struct {
		name, target string
		status       int
		want         string
	}{
		{"no key", "/?s=matrix", 401, "No API key provided."},
		{"another key", "/?s=matrix&apikey=bad", 401, "Invalid API key!"},
		{"a film that is not known", "/?i=tt0000001&apikey=good", 200, "Movie not found!"},
		{"no film's id", "/?i=603&apikey=good", 200, "Incorrect IMDb ID."},
		{"no question", "/?apikey=good", 200, "Incorrect IMDb ID."},
		{"nothing found", "/?s=nothing&apikey=good", 200, "Movie not found!"},
		{"too short a word", "/?s=it&apikey=good", 200, "Too many results."},
		{"a page after the last", "/?s=the&page=9&apikey=good", 200, "Movie not found!"},
	} {
		t.Run(test.name, func(t *testing.T) {
			answer := get(test.target)
			want := `{"Response":"False","Error":"` + test.want + `"}`
			if got := strings.TrimSpace(answer.Body.String()); answer.Code != test.status || got != want {
				t.Errorf("%d %s, want %d %s", answer.Code, got, test.status, want)
			}
		})
	}
}

func TestSearchPagesByTen(t *testing.T) {
	for _, test := range []struct {
		name, query, total, first string
		count                     int
	}{
		{"first page", "s=the", "11", "The General", 10},
		{"second page", "s=the&page=2", "11", "The Matrix Revolutions", 1},
		{"any letter case", "s=MATRIX", "3", "The Matrix", 3},
		{"of one type", "s=twin&type=series", "1", "Twin Peaks", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			answer := get("/?apikey=good&" + test.query)
			var got found
			if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			if got.TotalResults != test.total || len(got.Search) != test.count || got.Search[0].Title != test.first || got.Response != "True" {
				t.Errorf("%s", answer.Body)
			}
		})
	}
}

func TestFilmHasItsOwnPageAndTheKeyANumber(t *testing.T) {
	answer := get("/?i=tt0133093&apikey=good")
	var got page
	if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Title != "The Matrix" || got.Year != "1999" || got.Runtime != "136 min" || got.Response != "True" {
		t.Errorf("%s", answer.Body)
	}
	if number := answer.Header().Get(KeyNumber); number != "2" {
		t.Errorf("key number %q, want 2", number)
	}
}
