package omdb

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"

	"github.com/ambassador-operator/ambassador-operator/test/standin"
)

// KeyNumber is the header of an answer that tells which key opened the door,
// counted from 1 in the order in which they are given.
const KeyNumber = "Key-Number"

const (
	// pageSize is how many films the service puts on a page of a search.
	pageSize = 10
	// fewestLetters is how long the words of a search must be.
	fewestLetters = 3
)

// filmID is what the ids of films look like.
var filmID = regexp.MustCompile(`^tt[0-9]{7,8}$`)

// found is a page of a search.
type found struct {
	Search       []film
	TotalResults string `json:"totalResults"`
	Response     string
}

// problem is every error of the service, most of them with status 200.
type problem struct {
	Response string
	Error    string
}

// New returns the service. A request without one of the keys, in the query
// parameter apikey, is refused whatever it asks for.
func New(keys standin.Keys) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", answerQuery)
	return guard(keys, mux)
}

// guard lets a request pass that has a valid key, and numbers the key.
func guard(keys standin.Keys, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := r.URL.Query().Get("apikey")
		number, err := keys.Number(key)
		switch {
		case err != nil:
			http.Error(w, "the stand-in can not read its keys", http.StatusInternalServerError)
		case key == "":
			refuse(w, http.StatusUnauthorized, "No API key provided.")
		case number == 0:
			refuse(w, http.StatusUnauthorized, "Invalid API key!")
		default:
			w.Header().Set(KeyNumber, strconv.Itoa(number))
			next.ServeHTTP(w, r)
		}
	})
}

// answerQuery tells a film's page from a search by the parameter that is given.
func answerQuery(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	switch id, words := query.Get("i"), query.Get("s"); {
	case id != "":
		answerFilm(w, id)
	case words != "":
		answerSearch(w, words, query.Get("type"), query.Get("page"))
	default:
		refuse(w, http.StatusOK, "Incorrect IMDb ID.")
	}
}

func answerFilm(w http.ResponseWriter, id string) {
	page, known := find(id)
	switch {
	case !filmID.MatchString(id):
		refuse(w, http.StatusOK, "Incorrect IMDb ID.")
	case !known:
		refuse(w, http.StatusOK, "Movie not found!")
	default:
		answer(w, http.StatusOK, page)
	}
}

func answerSearch(w http.ResponseWriter, words, kind, page string) {
	if len(words) < fewestLetters {
		refuse(w, http.StatusOK, "Too many results.")
		return
	}
	number, err := strconv.Atoi(page)
	if err != nil || number < 1 {
		number = 1
	}
	all := search(words, kind)
	from := min((number-1)*pageSize, len(all))
	if from == len(all) {
		refuse(w, http.StatusOK, "Movie not found!")
		return
	}
	answer(w, http.StatusOK, found{
		Search:       all[from:min(from+pageSize, len(all))],
		TotalResults: strconv.Itoa(len(all)),
		Response:     "True",
	})
}

func refuse(w http.ResponseWriter, status int, why string) {
	answer(w, status, problem{Response: "False", Error: why})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that has gone needs no answer
}
