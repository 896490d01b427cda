package mapping_test

import (
	"fmt"
	"strings"
	"testing"
)

// movies is an answer of 10 KiB, such as a movie service gives, and program what makes the application's of it.
const program = `{
  page: .page,
  more: (.page < .total_pages),
  movies: [.results[] | select(.adult | not) | {
    id: "tmdb:\(.id)",
    title: .title,
    year: (.release_date // "" | .[:4] | if . == "" then null else tonumber end),
    rating: (.vote_average * 10 | round / 10),
    poster: (if .poster_path then "https://images.example.com/w342" + .poster_path else null end),
    genres: (.genre_ids | map({"28": "action", "35": "comedy", "18": "drama", "878": "science fiction"}[tostring] // "other") | unique)
  }] | sort_by(-.rating)
} | .count = (.movies | length)`

func movies() []byte {
	var b strings.Builder
	b.WriteString(`{"page":1,"total_pages":500,"total_results":10000,"results":[`)
	for i := range 20 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"adult":false,"backdrop_path":"/bckdrp%[1]d.jpg","genre_ids":[28,12,%[2]d,878],"id":%[3]d,"original_language":"en","original_title":"The Original Title of Film %[1]d","overview":"%[4]s","popularity":%[1]d.523,"poster_path":"/pstr%[1]d.jpg","release_date":"20%02[1]d-05-25","title":"The Title of Film %[1]d","video":false,"vote_average":%[5]d.25,"vote_count":%[3]d}`,
			i, 18+i%2*17, 900000+i, strings.Repeat("An overview of what happens. ", 7), 5+i%5)
	}
	b.WriteString("]}")
	return []byte(b.String())
}

func BenchmarkMap10KiB(b *testing.B) {
	content, rule := movies(), compile(b, program)
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	var out []byte
	for b.Loop() {
		var err error
		if out, _, err = rule.Map(b.Context(), out[:0], content, request()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(out)), "out-B")
}

func BenchmarkMapSmall(b *testing.B) {
	content, rule := []byte(`{"status_code":34,"status_message":"The resource you requested could not be found."}`), compile(b, `{error: .status_message, code: .status_code}`)
	b.ReportAllocs()
	var out []byte
	for b.Loop() {
		var err error
		if out, _, err = rule.Map(b.Context(), out[:0], content, request()); err != nil {
			b.Fatal(err)
		}
	}
}
