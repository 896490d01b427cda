// Command omdb serves the stand-in for the Open Movie Database over HTTP and,
// given a certificate, HTTPS.
package main

import (
	"os"

	"github.com/ambassador-operator/ambassador-operator/test/omdb"
	"github.com/ambassador-operator/ambassador-operator/test/standin"
)

func main() { os.Exit(standin.Main("omdb", omdb.New)) }
