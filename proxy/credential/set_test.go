package credential_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
	"github.com/ambassador-operator/ambassador-operator/proxy/credential"
	"github.com/ambassador-operator/ambassador-operator/test/volume"
)

// the credentials that most tests use: one of each kind, two of them from one Secret.
func ambassador(credentials ...config.Credential) *config.Ambassador {
	return &config.Ambassador{Name: "tmdb", Port: 8080, Upstream: config.Upstream{URL: "https://api.example.com/3"}, Credentials: credentials}
}

var (
	bearer = config.Credential{Secret: "s", Bearer: &config.BearerCredential{Key: "token"}}
	query  = config.Credential{Secret: "s", Query: &config.QueryCredential{Name: "api_key", Key: "apikey"}}
	basic  = config.Credential{Secret: "s", Basic: &config.BasicCredential{UsernameKey: "user", PasswordKey: "password"}}
	header = config.Credential{Secret: "t", Header: &config.HeaderCredential{Name: "X-Key", Key: "key", Prefix: "v1 "}}
)

// folder holds Secrets as plain files.
type folder struct {
	t    *testing.T
	path string
}

func newFolder(t *testing.T) folder { return folder{t, t.TempDir()} }

func (f folder) write(secret, key, content string) {
	f.t.Helper()
	if err := os.MkdirAll(filepath.Join(f.path, secret), 0o755); err != nil {
		f.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(f.path, secret, key), []byte(content), 0o644); err != nil {
		f.t.Fatal(err)
	}
}

func (f folder) remove(secret, key string) {
	f.t.Helper()
	if err := os.RemoveAll(filepath.Join(f.path, secret, key)); err != nil {
		f.t.Fatal(err)
	}
}

func (f folder) open(a *config.Ambassador) *credential.Set {
	return credential.New(a, credential.Options{Folder: f.path})
}

func TestEachKindAttachesItsForm(t *testing.T) {
	f := newFolder(t)
	f.write("s", "token", "abc\n")
	f.write("s", "apikey", "a b&c=d")
	f.write("s", "user", "jane")
	f.write("s", "password", "pass:word")
	f.write("t", "key", "xyz")
	set := f.open(ambassador(bearer, query, header))
	now := set.Current()
	if now.Missing != nil || now.Refused != nil {
		t.Fatal(now.Missing, now.Refused)
	}
	if got, want := string(now.Fields.Bytes()), "Authorization: Bearer abc\r\nX-Key: v1 xyz\r\n"; got != want {
		t.Errorf("fields %q", got)
	}
	if got, want := string(now.Query.Bytes()), "api_key=a%20b%26c%3Dd"; got != want {
		t.Errorf("query %q", got)
	}
	if got := fmt.Sprintf("%s %s", set.OwnedFields(), set.OwnedParameters()); got != "[authorization x-key] [api_key]" {
		t.Errorf("owned %s", got)
	}
	want := "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("jane:pass:word")) + "\r\n"
	if got := string(f.open(ambassador(basic)).Current().Fields.Bytes()); got != want {
		t.Errorf("basic %q", got)
	}
}

func TestWithoutCredentialsNothingIsAttached(t *testing.T) {
	now := newFolder(t).open(ambassador()).Current()
	if now.Missing != nil || now.Refused != nil || len(now.Fields.Bytes())+len(now.Query.Bytes()) != 0 {
		t.Errorf("%+v", now)
	}
}

func TestBadValueAtTheStartRefusesRequests(t *testing.T) {
	for name, row := range map[string]struct {
		c       config.Credential
		content string
		state   credential.State
	}{
		"empty":                 {bearer, "", credential.Empty},
		"newline alone":         {bearer, "\n", credential.Empty},
		"line feed inside":      {bearer, "a\nb", credential.Invalid},
		"two newlines":          {bearer, "a\n\n", credential.Invalid},
		"carriage return":       {bearer, "a\r\n", credential.Invalid},
		"NUL":                   {bearer, "a\x00", credential.Invalid},
		"too large":             {bearer, strings.Repeat("a", credential.MaxValue+1), credential.Invalid},
		"huge":                  {bearer, strings.Repeat("a", 1<<20), credential.Invalid},
		"control":               {bearer, "a\x1b", credential.Invalid},
		"space at the end":      {bearer, "a ", credential.Invalid},
		"query with line feed":  {query, "a\nb", credential.Invalid},
		"user name with colon":  {basic, "a:b", credential.Invalid},
		"user name with escape": {basic, "a\x1b", credential.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFolder(t)
			for _, key := range []string{"token", "apikey", "user"} {
				f.write("s", key, row.content)
			}
			f.write("s", "password", "secret")
			set := f.open(ambassador(row.c))
			problems := set.Problems()
			if set.Current().Missing == nil || len(problems) != 1 || problems[0].State != row.state || problems[0].Kept {
				t.Errorf("%v, %+v", set.Current().Missing, problems)
			}
		})
	}
}

func TestMissingRefusesUntilItComesAndAgainWhenItGoes(t *testing.T) {
	f := newFolder(t)
	set := f.open(ambassador(bearer, header))
	missing(t, set, `secret "s", key "token"`, `secret "t", key "key"`)
	f.write("s", "token", "abc")
	set.Load()
	missing(t, set, `secret "t", key "key"`)
	f.write("t", "key", "xyz")
	if !set.Load() || set.Current().Missing != nil {
		t.Fatal(set.Current().Missing)
	}
	f.remove("t", "key")
	set.Load()
	missing(t, set, `secret "t", key "key"`)
	f.write("t", "key", "xyz")
	set.Load()
	missing(t, set)
	f.remove("s", "")
	set.Load()
	missing(t, set, `secret "s", key "token"`)
}

// missing checks that requests are refused for one of these, and that all are reported.
func missing(t *testing.T, set *credential.Set, names ...string) {
	t.Helper()
	if err := set.Current().Missing; (err != nil) != (len(names) > 0) {
		t.Fatalf("missing: %v", err)
	}
	problems := set.Problems()
	if len(problems) != len(names) {
		t.Fatalf("%+v", problems)
	}
	for i, name := range names {
		if !strings.HasPrefix(problems[i].Error(), name) || problems[i].State != credential.Missing || problems[i].Ambassador != "tmdb" {
			t.Errorf("%+v", problems[i])
		}
	}
	if fields := set.Current().Fields.Bytes(); len(names) > 0 && len(fields) > 0 {
		t.Error("something is attached although a part is missing")
	}
}

func TestBadNewValueKeepsTheWholeSecretsLastGoodOnes(t *testing.T) {
	f := newFolder(t)
	f.write("s", "token", "old")
	f.write("s", "apikey", "old")
	f.write("t", "key", "old")
	set := f.open(ambassador(bearer, query, header))
	before := set.Current()
	f.write("s", "token", "new")
	f.write("s", "apikey", "ne\rw")
	if set.Load() || set.Current() != before {
		t.Errorf("replaced by %q", set.Current().Fields.Bytes())
	}
	if p := set.Problems(); len(p) != 1 || !p[0].Kept || p[0].Key != "apikey" || p[0].State != credential.Invalid {
		t.Errorf("%+v", p)
	}
	f.write("t", "key", "new")
	if !set.Load() || string(set.Current().Fields.Bytes()) != "Authorization: Bearer old\r\nX-Key: v1 new\r\n" {
		t.Errorf("another Secret is held back: %q", set.Current().Fields.Bytes())
	}
	f.write("s", "apikey", "new")
	if !set.Load() || string(set.Current().Query.Bytes()) != "api_key=new" || len(set.Problems()) != 0 {
		t.Errorf("%q, %+v", set.Current().Query.Bytes(), set.Problems())
	}
}

func TestLastGoodValuesOutliveANewDocument(t *testing.T) {
	f := newFolder(t)
	f.write("s", "token", "good")
	f.write("t", "key", "good")
	old := f.open(ambassador(bearer, header))
	f.write("s", "token", "")
	f.write("t", "key", "")
	changed := header
	changed.Header = &config.HeaderCredential{Name: "X-Other", Key: "key"}
	same := credential.New(ambassador(bearer, header), credential.Options{Folder: f.path, Previous: old})
	if got := string(same.Current().Fields.Bytes()); got != "Authorization: Bearer good\r\nX-Key: v1 good\r\n" {
		t.Errorf("got %q", got)
	}
	if other := credential.New(ambassador(bearer, changed), credential.Options{Folder: f.path, Previous: old}); other.Current().Missing == nil {
		t.Error("a value is rendered anew without being read")
	}
}

func TestUnreadableFilesAreReported(t *testing.T) {
	f := newFolder(t)
	if err := os.MkdirAll(filepath.Join(f.path, "s", "token"), 0o755); err != nil {
		t.Fatal(err)
	}
	if p := f.open(ambassador(bearer)).Problems(); len(p) != 1 || p[0].State != credential.Invalid {
		t.Errorf("a folder: %+v", p)
	}
	f.write("outside", "token", "abc")
	f.remove("s", "token")
	if err := os.Symlink("../outside/token", filepath.Join(f.path, "s", "token")); err != nil {
		t.Fatal(err)
	}
	if p := f.open(ambassador(bearer)).Problems(); len(p) != 1 || p[0].State != credential.Invalid {
		t.Errorf("a link out of the Secret's folder: %+v", p)
	}
}

// User name and password are of one generation, however often the kubelet replaces the files while they are read.
func TestValuesOfOneSecretAreOfOneGeneration(t *testing.T) {
	root := t.TempDir()
	files, err := volume.New(filepath.Join(root, "s"))
	if err != nil {
		t.Fatal(err)
	}
	write := func(i int) {
		text := fmt.Sprint(i)
		if err := files.Write(map[string]string{"user": text, "password": text}); err != nil {
			t.Error(err)
		}
	}
	write(0)
	set := credential.New(ambassador(basic), credential.Options{Folder: root})
	done := make(chan struct{})
	var writer sync.WaitGroup
	writer.Go(func() {
		defer close(done)
		for i := range 300 {
			write(i)
		}
	})
	defer writer.Wait()
	for {
		set.Load()
		now := set.Current()
		if now.Missing != nil {
			t.Fatal(now.Missing)
		}
		encoded := strings.TrimSuffix(strings.TrimPrefix(string(now.Fields.Bytes()), "Authorization: Basic "), "\r\n")
		pair, _ := base64.StdEncoding.DecodeString(encoded)
		if user, password, _ := strings.Cut(string(pair), ":"); user != password {
			t.Fatalf("user of generation %s with password of %s", user, password)
		}
		select {
		case <-done:
			return
		default:
		}
	}
}

func TestReloadAfterARefusalIsSharedAndLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFolder(t)
		f.write("s", "token", "one")
		set := f.open(ambassador(bearer))
		used := set.Current()
		f.write("s", "token", "two")
		if set.Reload(used) {
			t.Error("read again at once")
		}
		time.Sleep(time.Second)
		var callers sync.WaitGroup
		for range 10 {
			callers.Go(func() {
				if !set.Reload(used) {
					t.Error("a caller does not get the new value")
				}
			})
		}
		callers.Wait()
		if set.Reload(set.Current()) {
			t.Error("the new value is said to be another one than itself")
		}
		time.Sleep(time.Second)
		used = set.Current()
		f.remove("s", "token")
		if set.Reload(used) || set.Current().Missing == nil {
			t.Error("a missing value is worth another try")
		}
	})
}

func TestValuesAreNeverPrinted(t *testing.T) {
	const secret = "hunter2"
	f := newFolder(t)
	f.write("s", "token", secret)
	f.write("s", "apikey", secret)
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	set := credential.New(ambassador(bearer, query), credential.Options{Folder: f.path, Logger: logger})
	f.write("s", "token", secret+"\r")
	set.Load()
	now := set.Current()
	logger.Info("all", "attachment", now, "value", now.Fields, "set", fmt.Sprint(set))
	encoded, err := json.Marshal(map[string]any{"attachment": now, "value": now.Query, "problems": set.Problems()})
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("%v %+v %#v %s %x %q %d %v", now, now, now, now.Fields, now.Fields, now.Query, now.Fields, set.Problems())
	hexed := fmt.Sprintf("%x", secret)
	for _, all := range []string{text, string(encoded), log.String()} {
		if strings.Contains(all, secret) || strings.Contains(all, hexed) || strings.Contains(all, "104 117 110") {
			t.Errorf("printed: %s", all)
		}
	}
}

// A new document makes new Sets; where nothing about the credentials is new, nothing is counted or logged as new.
func TestNewDocumentWithTheSameCredentialsIsNoChange(t *testing.T) {
	f := newFolder(t)
	f.write("s", "token", "abc")
	f.write("t", "key", "abc")
	first := f.open(ambassador(bearer, header))
	f.write("t", "key", "")
	first.Load()
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	second := credential.New(ambassador(bearer, header), credential.Options{Folder: f.path, Previous: first, Logger: logger})
	if second.Current() != first.Current() || !second.Loaded().Equal(first.Loaded()) || log.Len() > 0 {
		t.Errorf("log: %s", log.String())
	}
}
