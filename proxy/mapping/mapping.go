package mapping

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

const (
	defaultMaxBytes = 1 << 20
	defaultTimeout  = time.Second
)

// Mapping is a route's compiled response. It never changes and is safe for concurrent use.
type Mapping struct {
	rules    []*Rule
	examples []config.Example
	stream   config.StreamFormat
	limits   limits
	tooLarge config.TooLarge
}

// limits bound one run of a program.
type limits struct {
	input, output int
	timeout       time.Duration
}

// largest is the length of the longest value that a program may make on its way, as JSON.
func (l limits) largest() int { return 4 * max(l.input, l.output) }

// Compile compiles what a valid document has for a route whose path captures these names. Every mistake is an error that
// names the field, such as "response.rules[1].jq", the place in the program and the remedy; several are joined, one a line.
func Compile(r *config.Response, captures []string) (*Mapping, error) {
	return compile(r, captures, programs{})
}

func compile(r *config.Response, captures []string, known programs) (*Mapping, error) {
	m := &Mapping{
		examples: r.Examples,
		stream:   r.Stream,
		tooLarge: cmp.Or(r.TooLarge, config.TooLargeRefuse),
		limits: limits{
			input:   int(cmp.Or(r.MaxBytes, defaultMaxBytes)),
			output:  int(cmp.Or(r.MaxOutputBytes, defaultMaxBytes)),
			timeout: r.Timeout.Or(defaultTimeout),
		},
	}
	var errs []error
	for i := range r.Rules {
		rule, err := m.compileRule(i, &r.Rules[i], captures, known)
		if err != nil {
			errs = append(errs, fmt.Errorf("response.rules[%d].%w", i, err))
		}
		m.rules = append(m.rules, rule)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return m, nil
}

// Rule returns the rule that maps answers of this status. Nil: they go on as they come.
func (m *Mapping) Rule(status int) *Rule {
	for _, rule := range m.rules {
		if rule.statuses.Matches(status) {
			return rule
		}
	}
	return nil
}

// IsStream reports whether an answer of this status and media type is mapped event by event, and not as a whole. Services
// tell of errors in a single document where a stream was asked for: so a whole is what has another type than
// text/event-stream where that is expected, and an error in JSON where lines are.
func (m *Mapping) IsStream(status int, mediaType string) bool {
	mediaType, _, _ = strings.Cut(mediaType, ";")
	mediaType = strings.ToLower(strings.TrimSpace(mediaType))
	switch m.stream {
	case config.StreamEvents:
		return mediaType == "text/event-stream"
	case config.StreamLines:
		return status < firstError || mediaType != "application/json" && !strings.HasSuffix(mediaType, "+json")
	}
	return false
}

// HasPrograms reports whether any rule maps content.
func (m *Mapping) HasPrograms() bool { return slices.ContainsFunc(m.rules, (*Rule).HasProgram) }

// MaxBytes is the length in bytes up to which content is mapped, or one event.
func (m *Mapping) MaxBytes() int { return m.limits.input }

// PassesTooLarge reports whether content that is longer goes on as it is, and is not refused.
func (m *Mapping) PassesTooLarge() bool { return m.tooLarge == config.TooLargePass }

// Rule is what becomes of answers of some statuses.
type Rule struct {
	// Status takes the place of the answer's, where no program makes it. Zero: the answer's own.
	Status int
	// ContentType takes the place of the answer's. Empty: the answer's own, or that of what a program makes.
	ContentType string

	index    int
	statuses config.Statuses
	program  *program // nil: the content goes on as it is
	// statusProgram makes the status of what program has made. Nil: there is none.
	statusProgram *program
	stream        config.StreamFormat
	limits        limits
}

func (m *Mapping) compileRule(index int, r *config.ResponseRule, captures []string, known programs) (*Rule, error) {
	rule := &Rule{Status: r.Status, ContentType: r.ContentType, index: index, stream: m.stream, limits: m.limits}
	var err error
	if rule.statuses, err = config.ParseStatuses(r.Statuses); err != nil {
		return nil, fmt.Errorf("statuses: %w", err)
	}
	if r.JQ == "" {
		return rule, nil
	}
	if rule.program, err = known.compile(r.JQ, captures, m.limits); err != nil {
		return nil, fmt.Errorf("jq: %w", err)
	}
	if r.StatusJQ == "" {
		return rule, nil
	}
	if rule.statusProgram, err = known.compile(r.StatusJQ, captures, m.limits); err != nil {
		return nil, fmt.Errorf("statusJQ: %w", err)
	}
	return rule, nil
}

// HasProgram reports whether content is mapped, and not status and content type alone.
func (r *Rule) HasProgram() bool { return r.program != nil }

// MakesStatus reports whether the status is known only when the content is.
func (r *Rule) MakesStatus() bool { return r.statusProgram != nil }

// TypeOf returns the content type that takes the place of the answer's: of a stream, or of a whole answer. Empty: the
// answer's own.
func (r *Rule) TypeOf(isStream bool) string {
	switch {
	case r.ContentType != "" || r.program == nil:
		return r.ContentType
	case !isStream:
		return "application/json"
	case r.stream == config.StreamLines:
		return "application/x-ndjson"
	}
	return "text/event-stream"
}

// fail names the rule in an error.
func (r *Rule) fail(err error) error { return &failure{r.index, err} }
