package config_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// Each document in testdata/valid is read and written again to the very same bytes, so that the operator may compare
// what it would write with what is there.
func TestValidDocumentsAreWrittenAsTheyWereRead(t *testing.T) {
	for name, data := range documents(t, "testdata/valid") {
		t.Run(name, func(t *testing.T) {
			document, err := config.Parse(data)
			if err != nil {
				t.Fatal(err)
			}
			written, err := document.Encode()
			if err != nil {
				t.Fatal(err)
			}
			if string(written) != string(data) {
				t.Errorf("written:\n%s", written)
			}
		})
	}
}

func TestALongDocumentIsWrittenOnOneLine(t *testing.T) {
	data, err := os.ReadFile("testdata/valid/features.json")
	if err != nil {
		t.Fatal(err)
	}
	document, err := config.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	long := &document.Ambassadors[0]
	route := long.Routes[0]
	for i := range 600 {
		route.Path = "/movies/{id}/" + strconv.Itoa(i)
		long.Routes = append(long.Routes, route)
	}
	written, err := document.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := config.Parse(written)
	if err != nil || bytes.Count(written, []byte("\n")) != 1 || len(again.Ambassadors[0].Routes) != 602 {
		t.Errorf("%d bytes, %v", len(written), err)
	}
}

// Each document in testdata/invalid is refused with the text in the file of the same name that ends in .txt.
func TestInvalidDocumentsAreRefusedWithFieldAndRemedy(t *testing.T) {
	for name, data := range documents(t, "testdata/invalid") {
		t.Run(name, func(t *testing.T) {
			golden := filepath.Join("testdata/invalid", strings.TrimSuffix(name, ".json")+".txt")
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			_, err = config.Parse(data)
			if err == nil {
				t.Fatal("accepted")
			}
			if got := err.Error() + "\n"; got != string(want) {
				t.Errorf("got:\n%swant:\n%s", got, want)
			}
		})
	}
}

func documents(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no documents in %s: %v", folder, err)
	}
	found := map[string][]byte{}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found[filepath.Base(path)] = data
	}
	return found
}
