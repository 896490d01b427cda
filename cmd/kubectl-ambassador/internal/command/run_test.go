package command_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ambassador-operator/ambassador-operator/cmd/kubectl-ambassador/internal/command"
	"github.com/ambassador-operator/ambassador-operator/test/freeport"
)

// service is an upstream that answers with the path and the key of each request.
func service(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s", r.URL.Path, r.URL.Query().Get("api_key"))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// freePort returns a port that nobody listens on.
func freePort(t *testing.T) int {
	t.Helper()
	port, err := freeport.Get()
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func resource(port int, upstream string) string {
	return fmt.Sprintf(`apiVersion: ambassador-operator.io/v1alpha1
kind: Ambassador
metadata: {name: local}
spec:
  port: %d
  upstream: {url: %s/3}
  secret: {name: movies}
  credentials: [{query: {name: api_key, key: apikey}}]
  routes: [{path: /movies, upstreamPath: /discover/movie}]
  workload: {kind: Pod, template: {spec: {containers: [{name: main, image: app:1}]}}}
`, port, upstream)
}

// guest is an Ambassador without a workload, for the same port.
func guest(port int, upstream string) string {
	return fmt.Sprintf(`---
apiVersion: ambassador-operator.io/v1alpha1
kind: Ambassador
metadata: {name: guest}
spec:
  port: %d
  upstream: {url: %s/guest}
  routes: [{path: /shows}]
`, port, upstream)
}

// takesIn has the template of [resource] take in other Ambassadors.
func takesIn(text, names string) string {
	return strings.Replace(text, "template: {", "template: {metadata: {annotations: {ambassador-operator.io/ambassadors: "+names+"}}, ", 1)
}

// running is a sidecar that a test started; stop ends it as an interrupt does.
type running struct {
	url  string
	stop func() error

	mu     sync.Mutex
	stderr strings.Builder
}

// said returns what was printed up to now.
func (r *running) said() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stderr.String()
}

// start runs the command with one resource and returns once it serves.
func start(t *testing.T, args ...string) *running {
	t.Helper()
	port := freePort(t)
	r := serve(t, resource(port, service(t)), args...)
	r.url = fmt.Sprintf("http://localhost:%d", port)
	return r
}

// serve runs the command with the resources of a text and returns once it serves.
func serve(t *testing.T, text string, args ...string) *running {
	t.Helper()
	r := &running{}
	reader, writer := io.Pipe()
	root := command.New("v1.2.3")
	root.SetArgs(append([]string{"run", "-f", "-", "--admin="}, args...))
	root.SetIn(strings.NewReader(text))
	root.SetErr(writer)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		err := root.ExecuteContext(ctx)
		writer.Close()
		ended <- err
	}()
	r.stop = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() { _ = r.stop() })
	serving := make(chan struct{})
	go r.read(reader, serving)
	select {
	case <-serving:
	case err := <-ended:
		ended <- err
		t.Fatalf("the command ended: %v", err)
	}
	return r
}

func (r *running) read(from io.Reader, serving chan struct{}) {
	found := false
	for lines := bufio.NewScanner(from); lines.Scan(); {
		r.mu.Lock()
		fmt.Fprintln(&r.stderr, lines.Text())
		r.mu.Unlock()
		if !found && strings.Contains(lines.Text(), `"msg":"serving"`) {
			found = true
			close(serving)
		}
	}
}

func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func TestRunServesWithTheCredential(t *testing.T) {
	for _, row := range []struct{ name, secret string }{
		{"a value", "movies:apikey=s3cret"},
		{"a file", "movies:apikey=@" + file(t, "key", "s3cret\n")},
		{"a folder", "movies=" + filepath.Dir(file(t, "apikey", "s3cret\n"))},
	} {
		t.Run(row.name, func(t *testing.T) {
			sidecar := start(t, "--secret", row.secret)
			if status, body := get(t, sidecar.url+"/movies"); status != 200 || body != "/3/discover/movie s3cret" {
				t.Errorf("got %d %q", status, body)
			}
			if err := sidecar.stop(); err != nil {
				t.Error(err)
			}
			if strings.Contains(sidecar.said(), "s3cret") {
				t.Errorf("the credential is in the output:\n%s", sidecar.said())
			}
		})
	}
}

func TestRunServesAmbassadorsOfOnePortAsOneInterface(t *testing.T) {
	port, upstream := freePort(t), service(t)
	serve(t, takesIn(resource(port, upstream), "guest")+guest(port, upstream), "--secret", "movies:apikey=s3cret")
	for path, want := range map[string]string{"/movies": "/3/discover/movie s3cret", "/shows": "/guest/shows "} {
		if status, body := get(t, fmt.Sprintf("http://localhost:%d%s", port, path)); status != 200 || body != want {
			t.Errorf("%s: got %d %q, want %q", path, status, body, want)
		}
	}
}

func TestRunSaysWhichAmbassadorIsNotThere(t *testing.T) {
	port := freePort(t)
	sidecar := serve(t, takesIn(resource(port, service(t)), "guest"), "--secret", "movies:apikey=s3cret")
	if want := "warning: Ambassador local takes in guest, which is in none of the files; give its file too"; !strings.Contains(sidecar.said(), want) {
		t.Errorf("the output does not say %q:\n%s", want, sidecar.said())
	}
}

func TestRunUsesARotatedKeyOfAFolder(t *testing.T) {
	key := file(t, "apikey", "old")
	sidecar := start(t, "--secret", "movies="+filepath.Dir(key))
	if err := os.WriteFile(key, []byte("new"), 0o600); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); ; {
		_, body := get(t, sidecar.url+"/movies")
		if body == "/3/discover/movie new" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("still %q half a minute after the rotation", body)
		}
	}
}

func TestRunKeepsItsFilesPrivateAndRemovesThem(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	sidecar := start(t, "--secret", "movies:apikey=s3cret")
	folders, err := filepath.Glob(filepath.Join(os.TempDir(), "*"))
	if err != nil || len(folders) != 1 {
		t.Fatalf("want one folder, got %v (%v)", folders, err)
	}
	info, err := os.Stat(folders[0])
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o700 {
		t.Errorf("the folder has mode %o; want 700", mode)
	}
	if err := sidecar.stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(folders[0]); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
}

func TestRunWithoutASecretFailsClosedAndSaysHowToGiveIt(t *testing.T) {
	sidecar := start(t)
	if status, body := get(t, sidecar.url+"/movies"); status != 503 || !strings.Contains(body, "credential-missing") {
		t.Errorf("got %d %q; want 503 credential-missing", status, body)
	}
	if want := "give it with --secret movies:apikey=@FILE"; !strings.Contains(sidecar.said(), want) {
		t.Errorf("the output does not say %q:\n%s", want, sidecar.said())
	}
}

func TestRunRefusesSecretsItCanNotUse(t *testing.T) {
	for _, row := range []struct {
		name    string
		secrets []string
		want    string
	}{
		{"no value", []string{"movies"}, "write NAME=FOLDER"},
		{"a Secret that nothing refers to", []string{"music:apikey=s3cret"}, "the files refer to movies"},
		{"a file that is not there", []string{"movies:apikey=@/nowhere/key"}, "/nowhere/key: no such file"},
		{"a file for a folder", []string{"movies=" + file(t, "key", "s3cret")}, "write movies:KEY=@"},
		{"a key twice", []string{"movies:apikey=s3cret", "movies:apikey=s3cret"}, "given twice; leave one out"},
		{"a key that leads elsewhere", []string{"movies:../key=s3cret"}, "not the name of a Secret and its key"},
	} {
		t.Run(row.name, func(t *testing.T) {
			args := []string{"run", "-f", "-"}
			for _, secret := range row.secrets {
				args = append(args, "--secret", secret)
			}
			out, err := execute(t, resource(8080, "https://api.example.com"), args...)
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("the error does not say %q: %v", row.want, err)
			}
			if err != nil && strings.Contains(err.Error()+out, "s3cret") {
				t.Errorf("the value is in the error: %v", err)
			}
		})
	}
}

func TestRunRefusesRoutesThatTwoAnswer(t *testing.T) {
	text := resource(8080, "https://api.example.com")
	_, err := execute(t, text+"---\n"+strings.Replace(text, "name: local", "name: other", 1), "run", "-f", "-")
	want := `standard input:20: spec.routes[0].path: "/movies" of "other" answers what "/movies" of "local" answers on port 8080 too`
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("the error does not say %q: %v", want, err)
	}
}
