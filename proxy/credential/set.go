package credential

import (
	"log/slog"
	"net/url"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// reloadInterval is the least time between two readings that refused requests ask for.
const reloadInterval = time.Second

// Options are what a Set needs besides the document.
type Options struct {
	// Folder holds one folder per Secret.
	Folder string
	// Logger takes one record for each new problem and each change. Nil: none.
	Logger *slog.Logger
	// Metrics takes ambassador_credential_loads_total. Nil: a set of its own.
	Metrics *metrics.Set
	// Previous is the ambassador's Set under the document before, or nil. Last good values are taken over from it where
	// the credentials of a Secret are the same.
	Previous *Set
}

// Set is the credentials of one ambassador. It is safe for concurrent use.
type Set struct {
	name       string
	target     target
	folder     string
	logger     *slog.Logger
	count      int // of credentials
	secrets    []*secret
	fields     [][]byte
	parameters [][]byte
	counters   counters
	current    atomic.Pointer[Attachment]

	mutex    sync.Mutex // guards what follows, and loading
	read     time.Time  // of the last reading
	loaded   time.Time  // of the last change
	problems []Problem
}

type counters struct{ changed, unchanged, failed *metrics.Counter }

// New makes the credentials of one ambassador of a valid document and loads them. What is missing is not an error: the
// Set refuses requests until it comes.
func New(a *config.Ambassador, options Options) *Set {
	s := &Set{name: a.Name, folder: options.Folder, logger: options.Logger, counters: newCounters(options.Metrics, a.Name)}
	if s.logger == nil {
		s.logger = slog.New(slog.DiscardHandler)
	}
	for _, text := range append([]string{a.Upstream.URL}, a.Upstream.Failover...) {
		u, _ := url.Parse(text) // valid, as the document is
		s.target.urls = append(s.target.urls, u)
	}
	s.target.unverified = a.Upstream.TLS != nil && a.Upstream.TLS.InsecureSkipVerify
	s.count = len(a.Credentials)
	for i := range a.Credentials {
		s.add(i, &a.Credentials[i])
	}
	s.current.Store(new(Attachment))
	s.addFiles(a.Upstream.TLS)
	if options.Previous != nil {
		s.inherit(options.Previous)
	}
	s.Load()
	return s
}

func newCounters(set *metrics.Set, ambassador string) counters {
	if set == nil {
		set = metrics.NewSet()
	}
	counter := func(result string) *metrics.Counter {
		return set.GetOrCreateCounter(`ambassador_credential_loads_total{ambassador="` + ambassador + `",result="` + result + `"}`)
	}
	return counters{counter("changed"), counter("unchanged"), counter("failed")}
}

// add takes in the credential at place i of the document.
func (s *Set) add(i int, c *config.Credential) {
	k := kindOf(c)
	switch field, parameter := k.owns(); {
	case field != "":
		s.fields = append(s.fields, []byte(field))
	case parameter != "":
		s.parameters = append(s.parameters, []byte(parameter))
	}
	s.secret(c.Secret).add(i, c, k)
}

// addFiles takes in the files that TLS needs. They are read where they are used; here they must be there, and their
// Secrets must allow the upstream.
func (s *Set) addFiles(t *config.TLS) {
	if t != nil && t.CA != nil {
		s.secret(t.CA.Secret).require(t.CA.Key)
	}
	if t != nil && t.ClientCertificate != nil {
		s.secret(t.ClientCertificate.Secret).require(t.ClientCertificate.CertificateKey, t.ClientCertificate.PrivateKeyKey)
	}
}

// secret returns the Secret of that name, made where it is not known yet.
func (s *Set) secret(name string) *secret {
	at := slices.IndexFunc(s.secrets, func(known *secret) bool { return known.name == name })
	if at < 0 {
		at = len(s.secrets)
		s.secrets = append(s.secrets, &secret{name: name, keys: []string{config.BindingKey}})
	}
	return s.secrets[at]
}

// inherit takes over the last good values, and what is known already, so that it is neither counted nor logged anew.
func (s *Set) inherit(previous *Set) {
	previous.mutex.Lock()
	defer previous.mutex.Unlock()
	s.loaded, s.problems = previous.loaded, previous.problems
	s.current.Store(previous.Current())
	for _, own := range s.secrets {
		for _, old := range previous.secrets {
			if own.name == old.name && reflect.DeepEqual(own.configs, old.configs) {
				own.good = old.good
			}
		}
	}
}

// Current returns what a request carries now; never nil.
func (s *Set) Current() *Attachment { return s.current.Load() }

// OwnedFields lists the names of the header fields that credentials set, in lower case. The client's own are never
// forwarded; '-' and '_' count alike.
func (s *Set) OwnedFields() [][]byte { return s.fields }

// OwnedParameters lists the names of the query parameters that credentials set, as the document has them, for
// [github.com/ambassador-operator/ambassador-operator/proxy/route.Match.AppendTarget].
func (s *Set) OwnedParameters() [][]byte { return s.parameters }

// Problems lists what is wrong now; empty when all is well.
func (s *Set) Problems() []Problem {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return slices.Clone(s.problems)
}

// Loaded returns when what a request carries last changed; the zero time before anything was loaded.
func (s *Set) Loaded() time.Time {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.loaded
}

// Folders lists the folders whose files are read, for whoever watches them.
func (s *Set) Folders() []string {
	folders := make([]string, 0, len(s.secrets))
	for _, secret := range s.secrets {
		folders = append(folders, filepath.Join(s.folder, secret.name))
	}
	return folders
}

// Load reads the files now and reports whether what a request carries has changed.
func (s *Set) Load() (changed bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.load()
}

// Reload is for a request that the service refused (401) although it carried used: it reports whether there is another
// attachment by now with which to try once more. It reads the files when nobody did so within the last second; any
// number of callers share a reading.
func (s *Set) Reload(used *Attachment) (changed bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.Current() == used && time.Since(s.read) >= reloadInterval {
		s.load()
	}
	now := s.Current()
	return now != used && now.Missing == nil && now.Refused == nil
}

// load is Load under the mutex.
func (s *Set) load() (changed bool) {
	s.read = time.Now()
	var problems []Problem
	for _, secret := range s.secrets {
		found := secret.load(filepath.Join(s.folder, secret.name), &s.target)
		for i := range found {
			found[i].Ambassador = s.name
		}
		problems = append(problems, found...)
	}
	next := s.assemble(problems)
	if changed = !next.equal(s.Current()); changed {
		s.current.Store(next)
		s.loaded = s.read
	}
	s.report(problems, changed)
	return changed
}

// assemble joins the pieces of all Secrets in the order of the document.
func (s *Set) assemble(problems []Problem) *Attachment {
	next := new(Attachment)
	for i := range problems {
		switch p := &problems[i]; {
		case p.State == NotAllowed:
			next.Refused = p
		case !p.Kept:
			next.Missing = p
		}
	}
	if next.Missing != nil || next.Refused != nil {
		return next
	}
	var fields, pairs []byte
	for i := range s.count {
		p := s.pieceAt(i)
		fields = append(fields, p.fields.Bytes()...)
		if pair := p.query.Bytes(); len(pair) > 0 {
			if len(pairs) > 0 {
				pairs = append(pairs, '&')
			}
			pairs = append(pairs, pair...)
		}
	}
	next.Fields, next.Query = NewValue(fields), NewValue(pairs)
	return next
}

func (s *Set) pieceAt(place int) piece {
	for _, secret := range s.secrets {
		if at := slices.Index(secret.places, place); at >= 0 {
			return secret.good[at]
		}
	}
	return piece{}
}

// report counts the reading, and logs what is new.
func (s *Set) report(problems []Problem, changed bool) {
	switch {
	case len(problems) > 0:
		s.counters.failed.Inc()
	case changed:
		s.counters.changed.Inc()
	default:
		s.counters.unchanged.Inc()
	}
	for _, p := range problems {
		if !slices.Contains(s.problems, p) {
			s.logger.Warn("a credential can not be used", "ambassador", p.Ambassador, "secret", p.Secret, "key", p.Key,
				"problem", p.State, "detail", p.Detail, "lastGoodInUse", p.Kept)
		}
	}
	if changed && len(problems) == 0 && len(s.secrets) > 0 {
		s.logger.Info("credentials loaded", "ambassador", s.name)
	}
	s.problems = problems
}
