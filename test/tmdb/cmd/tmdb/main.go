// Command tmdb serves the stand-in for The Movie DB over HTTP and, given a
// certificate, HTTPS.
package main

import (
	"os"

	"github.com/ambassador-operator/ambassador-operator/test/standin"
	"github.com/ambassador-operator/ambassador-operator/test/tmdb"
)

func main() { os.Exit(standin.Main("tmdb", tmdb.New)) }
