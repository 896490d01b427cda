package tmdb

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/ambassador-operator/ambassador-operator/test/standin"
)

// KeyNumber is the header of an answer that tells which key opened the door,
// counted from 1 in the order in which they are given.
const KeyNumber = "Key-Number"

// pageSize is how many films the service puts on a page of a list.
const pageSize = 20

// Refusals of the service, byte for byte as it words them.
const (
	invalidKey = `{"status_code":7,"status_message":"Invalid API key: You must be granted a valid key.","success":false}`
	notFound   = `{"success":false,"status_code":34,"status_message":"The resource you requested could not be found."}`
	badValue   = `{"success":false,"status_code":18,"status_message":"Value invalid: Values must be greater than 0.0 and less than, or equal to 10.0."}`
	rated      = `{"success":true,"status_code":1,"status_message":"Success."}`
)

// A list is a page of films.
type list struct {
	Page         int    `json:"page"`
	Results      []film `json:"results"`
	TotalPages   int    `json:"total_pages"`
	TotalResults int    `json:"total_results"`
}

// configuration tells where the service keeps its pictures.
type configuration struct {
	ChangeKeys []string `json:"change_keys"`
	Images     images   `json:"images"`
}

type images struct {
	BaseURL       string   `json:"base_url"`
	SecureBaseURL string   `json:"secure_base_url"`
	PosterSizes   []string `json:"poster_sizes"`
}

// New returns the service. A request without one of the keys, in the query
// parameter api_key, is refused whatever it asks for.
func New(keys standin.Keys) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /3/discover/movie", discover)
	mux.HandleFunc("GET /3/search/movie", findByWords)
	mux.HandleFunc("GET /3/movie/{id}", movie)
	mux.HandleFunc("POST /3/movie/{id}/rating", rate)
	mux.HandleFunc("GET /3/configuration", configure)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusNotFound, notFound) })
	return guard(keys, mux)
}

// guard lets a request pass that has a valid key, and numbers the key.
func guard(keys standin.Keys, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		number, err := keys.Number(r.URL.Query().Get("api_key"))
		if err != nil {
			http.Error(w, "the stand-in can not read its keys", http.StatusInternalServerError)
			return
		}
		if number == 0 {
			reply(w, http.StatusUnauthorized, invalidKey)
			return
		}
		w.Header().Set(KeyNumber, strconv.Itoa(number))
		next.ServeHTTP(w, r)
	})
}

func discover(w http.ResponseWriter, r *http.Request) {
	answerList(w, r, search(""))
}

func findByWords(w http.ResponseWriter, r *http.Request) {
	words := r.URL.Query().Get("query")
	if words == "" {
		answerList(w, r, nil)
		return
	}
	answerList(w, r, search(words))
}

func answerList(w http.ResponseWriter, r *http.Request, found []film) {
	page, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil || page < 1 {
		page = 1
	}
	from := min((page-1)*pageSize, len(found))
	answer(w, list{
		Page:         page,
		Results:      append([]film{}, found[from:min(from+pageSize, len(found))]...),
		TotalPages:   max(1, (len(found)+pageSize-1)/pageSize),
		TotalResults: len(found),
	})
}

func movie(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.Atoi(r.PathValue("id"))
	page, known := find(id)
	if err != nil || !known {
		reply(w, http.StatusNotFound, notFound)
		return
	}
	answer(w, page)
}

// rate takes a rating, and forgets it.
func rate(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.Atoi(r.PathValue("id"))
	if _, known := find(id); err != nil || !known {
		reply(w, http.StatusNotFound, notFound)
		return
	}
	var rating struct {
		Value float64 `json:"value"`
	}
	if err := json.NewDecoder(r.Body).Decode(&rating); err != nil || rating.Value <= 0 || rating.Value > 10 {
		reply(w, http.StatusBadRequest, badValue)
		return
	}
	reply(w, http.StatusCreated, rated)
}

func configure(w http.ResponseWriter, _ *http.Request) {
	answer(w, configuration{
		ChangeKeys: []string{"overview", "release_dates", "title"},
		Images: images{
			BaseURL:       "http://image.tmdb.org/t/p/",
			SecureBaseURL: "https://image.tmdb.org/t/p/",
			PosterSizes:   []string{"w92", "w154", "w185", "w342", "w500", "w780", "original"},
		},
	})
}

func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	_ = json.NewEncoder(w).Encode(body) // a client that has gone needs no answer
}

func reply(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}
