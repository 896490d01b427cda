package omdb

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// A film as a search lists it. Its fields are named as the service has them.
type film struct {
	Title  string
	Year   string // "1999", or "1990–1991" of a series
	ID     string `json:"imdbID"`
	Type   string // "movie" or "series"
	Poster string // "N/A" where there is none
}

// page is a film's own page.
type page struct {
	film
	Runtime  string // such as "136 min"
	Genre    string
	Director string
	Plot     string
	Response string
}

//go:embed films.json
var filmsJSON []byte

// films are all that this stand-in knows.
var films = load()

func load() []page {
	var all []page
	if err := json.Unmarshal(filmsJSON, &all); err != nil {
		panic(fmt.Sprintf("films.json, which is part of this program: %v", err))
	}
	for i := range all {
		all[i].Poster, all[i].Response = "N/A", "True"
	}
	return all
}

// find returns the page of a film, and false where there is none of that id.
func find(id string) (page, bool) {
	at := slices.IndexFunc(films, func(p page) bool { return p.ID == id })
	if at < 0 {
		return page{}, false
	}
	return films[at], true
}

// search returns the films whose title has the words, of one type or, where that
// is empty, of any.
func search(words, kind string) []film {
	var found []film
	for _, p := range films {
		if strings.Contains(strings.ToLower(p.Title), strings.ToLower(words)) && (kind == "" || kind == p.Type) {
			found = append(found, p.film)
		}
	}
	return found
}
