package tmdb

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// A film is one of the results of a list. Its fields are named and ordered as
// the service has them.
type film struct {
	Adult            bool    `json:"adult"`
	BackdropPath     *string `json:"backdrop_path"`
	GenreIDs         []int   `json:"genre_ids,omitempty"`
	ID               int     `json:"id"`
	OriginalLanguage string  `json:"original_language"`
	OriginalTitle    string  `json:"original_title"`
	Overview         string  `json:"overview"`
	Popularity       float64 `json:"popularity"`
	PosterPath       *string `json:"poster_path"`
	ReleaseDate      string  `json:"release_date"`
	Title            string  `json:"title"`
	Video            bool    `json:"video"`
	VoteAverage      float64 `json:"vote_average"`
	VoteCount        int     `json:"vote_count"`
	// Runtime is in minutes. Lists do not have it.
	Runtime int `json:"runtime,omitempty"`
}

// A genre is how a film's own page names what lists give as a number.
type genre struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

// details is a film's own page.
type details struct {
	film
	Genres []genre `json:"genres"`
	Status string  `json:"status"`
}

var genreNames = map[int]string{
	12: "Adventure", 14: "Fantasy", 16: "Animation", 18: "Drama", 28: "Action", 53: "Thriller",
	80: "Crime", 878: "Science Fiction", 9648: "Mystery", 10751: "Family",
}

//go:embed films.json
var filmsJSON []byte

// films are all that this stand-in knows, the most popular first.
var films = load()

func load() []film {
	var all []film
	if err := json.Unmarshal(filmsJSON, &all); err != nil {
		panic(fmt.Sprintf("films.json, which is part of this program: %v", err))
	}
	slices.SortFunc(all, func(a, b film) int { return cmp.Compare(b.Popularity, a.Popularity) })
	return all
}

// find returns the page of a film, and false where there is none of that id.
func find(id int) (details, bool) {
	at := slices.IndexFunc(films, func(f film) bool { return f.ID == id })
	if at < 0 {
		return details{}, false
	}
	page := details{film: films[at], Status: "Released"}
	for _, id := range page.GenreIDs {
		page.Genres = append(page.Genres, genre{ID: id, Name: genreNames[id]})
	}
	page.GenreIDs = nil
	return page, true
}

// search returns the films whose title has the words, without their runtimes,
// as lists are. No words find every film.
func search(words string) []film {
	found := []film{}
	for _, film := range films {
		if strings.Contains(strings.ToLower(film.Title+" "+film.OriginalTitle), strings.ToLower(words)) {
			film.Runtime = 0
			found = append(found, film)
		}
	}
	return found
}
