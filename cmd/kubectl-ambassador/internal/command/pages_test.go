package command_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ambassador-operator/ambassador-operator/cmd/kubectl-ambassador/internal/command"
	"github.com/ambassador-operator/ambassador-operator/test/omdb"
	"github.com/ambassador-operator/ambassador-operator/test/standin"
	"github.com/ambassador-operator/ambassador-operator/test/tmdb"
)

// pages are those whose every resource is run, and whose every call prints what stands below it; "…" stands for anything
// in a line. What has to be there for that is in routes.md, under "To follow it".
var pages = []string{"concepts.md", "routes.md", "resilience.md", "caching.md", "errors.md"}

// asKubectl has this program be kubectl with the plugin, for the calls of pages that validate or render.
const asKubectl = "PAGES_TEST_IS_KUBECTL"

func TestMain(m *testing.M) {
	if os.Getenv(asKubectl) == "" {
		os.Exit(m.Run())
	}
	plugin := command.New("v1.2.3")
	plugin.SetArgs(os.Args[2:]) // after "ambassador"
	if err := plugin.Execute(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

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
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile("../../../../docs/" + page)
			if err != nil {
				t.Fatal(err)
			}
			examples := examplesOf(string(text))
			if len(examples) == 0 {
				t.Error("no resource is shown")
			}
			reader := newReader(t, strings.TrimSuffix(page, ".md")+".yaml")
			for _, example := range examples {
				t.Run(example.heading, func(t *testing.T) { reader.follow(t, example) })
			}
		})
	}
}

// blocks finds what matters of a page, in its order: headings, resources and calls.
var blocks = regexp.MustCompile("(?ms)^#+ ([^\n]*)$|^```(yaml|console)\n(.*?)^```$")

// examplesOf reads a page. A call belongs to the resource before it.
func examplesOf(page string) (found []example) {
	heading := ""
	for _, block := range blocks.FindAllStringSubmatch(page, -1) {
		switch kind, text := block[2], block[3]; {
		case kind == "":
			heading = block[1]
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

// reader follows a page as a person does, with one set of stand-ins from its beginning to its end.
type reader struct {
	folder string
	file   string            // what the page's resources are put into
	local  *strings.Replacer // puts free ports in place of the page's
	admin  string
}

func newReader(t *testing.T, file string) *reader {
	t.Helper()
	port, admin := freePort(t), fmt.Sprintf("localhost:%d", freePort(t))
	keys := func() ([]string, error) { return []string{"good", "better"}, nil }
	r := &reader{folder: t.TempDir(), file: file, admin: admin, local: strings.NewReplacer(
		"port: 8080", fmt.Sprintf("port: %d", port),
		"port 8080", fmt.Sprintf("port %d", port),
		"localhost:8080", fmt.Sprintf("localhost:%d", port),
		"localhost:15901", admin,
		"localhost:9001", address(t, standin.BadDays(keys, tmdb.New(keys))),
		"localhost:9002", address(t, standin.BadDays(keys, omdb.New(keys))),
		"localhost:9003", address(t, standin.BadDays(keys, tmdb.New(keys))),
	)}
	r.write(t, "kubectl", fmt.Sprintf("#!/bin/sh\n%s=yes exec %q \"$@\"\n", asKubectl, os.Args[0]))
	r.write(t, "secrets/themoviedb/apikey", "good\n")
	r.write(t, "secrets/omdb/apikey", "good\n")
	return r
}

func (r *reader) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(r.folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}

func (r *reader) follow(t *testing.T, e example) {
	resource := r.local.Replace(e.resource)
	r.write(t, r.file, resource)
	args := []string{"--admin", r.admin}
	for _, secret := range secrets.FindAllStringSubmatch(resource, -1) {
		args = append(args, "--secret", secret[1]+"="+filepath.Join(r.folder, "secrets", secret[1]))
	}
	serve(t, resource, args...)
	for _, call := range e.calls {
		output, err := r.bash(t, call.command)
		if err != nil && call.output == "" {
			t.Errorf("$ %s\n%v", call.command, err)
		}
		got := lines(string(output))
		want := "^" + strings.ReplaceAll(regexp.QuoteMeta(lines(r.local.Replace(call.output))), "…", "[^\n]*") + "$"
		if !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("$ %s\nprints\n%s\nand not\n%s", call.command, got, call.output)
		}
	}
}

// secrets finds those that a resource names.
var secrets = regexp.MustCompile(`secret: {name: (\w+)}`)

// bash runs a command of the page, for at most a minute, with the stand-in for kubectl before any other.
func (r *reader) bash(t *testing.T, command string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-c", r.local.Replace(command))
	cmd.Dir = r.folder
	cmd.Env = append(os.Environ(), "PATH="+r.folder+":"+os.Getenv("PATH"))
	cmd.WaitDelay = time.Second // for what it started itself
	return cmd.CombinedOutput()
}

// lines is a text without what can not be seen at the ends of its lines.
func lines(text string) string {
	return strings.TrimSpace(invisible.ReplaceAllString(text, "\n"))
}

var invisible = regexp.MustCompile(`[ \r]+\n`)

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
