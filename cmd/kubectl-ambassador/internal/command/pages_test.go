package command_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ambassador-operator/ambassador-operator/test/omdb"
	"github.com/ambassador-operator/ambassador-operator/test/standin"
	"github.com/ambassador-operator/ambassador-operator/test/tmdb"
)

// pages are those whose every resource is run, and whose every call prints what stands below it. In them, the stand-ins
// are at localhost:9001, 9002 and 9003 and the sidecar at localhost:8080; "…" stands for anything.
var pages = []string{"routes.md"}

// example is a resource of a page, and the calls that follow it.
type example struct {
	heading  string
	resource string
	calls    []shown
}

// shown is a command and its output, as a page shows them.
type shown struct{ command, output string }

func TestPagesShowWhatIsPrinted(t *testing.T) {
	for _, page := range pages {
		text, err := os.ReadFile("../../../../docs/" + page)
		if err != nil {
			t.Fatal(err)
		}
		examples := examplesOf(string(text))
		if len(examples) == 0 {
			t.Errorf("%s: no resource is shown", page)
		}
		for _, example := range examples {
			t.Run(page+"/"+example.heading, example.run)
		}
	}
}

var (
	headings = regexp.MustCompile(`(?m)^##+ (.*)$`)
	blocks   = regexp.MustCompile("(?ms)^##+ [^\n]*$|^```(yaml|console)\n(.*?)^```$")
)

// examplesOf reads a page. A call belongs to the resource before it.
func examplesOf(page string) (found []example) {
	heading := ""
	for _, block := range blocks.FindAllStringSubmatch(page, -1) {
		switch kind, text := block[1], block[2]; {
		case kind == "":
			heading = headings.FindStringSubmatch(block[0])[1]
		case kind == "yaml" && strings.HasPrefix(text, "apiVersion: ambassador-operator.io"):
			found = append(found, example{heading: heading, resource: text})
		case kind == "console" && len(found) > 0:
			last := &found[len(found)-1]
			last.calls = append(last.calls, callsOf(text)...)
		}
	}
	return found
}

func callsOf(console string) (calls []shown) {
	for _, text := range strings.Split("\n"+console, "\n$ ")[1:] {
		command, output, _ := strings.Cut(text, "\n")
		calls = append(calls, shown{command, strings.TrimSpace(output)})
	}
	return calls
}

func (e *example) run(t *testing.T) {
	port := freePort(t)
	keys := func() ([]string, error) { return []string{"good"}, nil }
	local := strings.NewReplacer(
		"port: 8080", fmt.Sprintf("port: %d", port),
		"localhost:8080", fmt.Sprintf("localhost:%d", port),
		"localhost:9001", address(t, standin.BadDays(keys, tmdb.New(keys))),
		"localhost:9002", address(t, standin.BadDays(keys, omdb.New(keys))),
		"localhost:9003", address(t, http.HandlerFunc(streamWords)),
	)
	var secrets []string
	for _, name := range []string{"themoviedb", "omdb"} {
		if strings.Contains(e.resource, "secret: {name: "+name+"}") {
			secrets = append(secrets, "--secret", name+":apikey=good")
		}
	}
	serve(t, local.Replace(e.resource), secrets...)
	for _, call := range e.calls {
		if strings.Contains(call.command, "kubectl ") { // how a person starts what runs here already, or has it validated
			continue
		}
		output, err := exec.Command("bash", "-c", local.Replace(call.command)).CombinedOutput()
		if err != nil {
			t.Errorf("$ %s\n%v", call.command, err)
		}
		got := strings.TrimSpace(strings.ReplaceAll(string(output), "\r", ""))
		want := "^" + strings.ReplaceAll(regexp.QuoteMeta(local.Replace(call.output)), "…", "[^\n]*") + "$"
		if !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("$ %s\nprints\n%s\nand not\n%s", call.command, got, call.output)
		}
	}
}

// streamWords answers with server-sent events, as services do that write a text word by word.
func streamWords(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	for _, event := range []string{
		`data: {"choices":[{"delta":{"content":"Hel"}}]}`, `data: {"choices":[{"delta":{"content":"lo"}}]}`,
		`data: {"choices":[]}`, ": still here", "data: [DONE]",
	} {
		_, _ = fmt.Fprintf(w, "%s\n\n", event) // a client that has gone fails the test
	}
}

// address is where a handler serves until the test ends.
func address(t *testing.T, handler http.Handler) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// Each page that a page leads to is there.
func TestPagesLeadSomewhere(t *testing.T) {
	root := "../../../../"
	all, err := filepath.Glob(root + "docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	links := regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)
	for _, page := range append(all, root+"README.md", root+"CONTRIBUTING.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range links.FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), link[1])); err != nil {
				t.Errorf("%s leads to %s, which is not there", filepath.Base(page), link[1])
			}
		}
	}
}
