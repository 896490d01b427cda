package standin

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// BadDays has a service fail as services do, when it is told to, and remembers
// its calls. All that is done at paths of its own, which need no key:
//
//	/stand-in/bad-day?calls=3&status=503&retry-after=2    the next 3 calls are answered 503
//	/stand-in/bad-day?calls=1&delay=2s                    the next call takes 2 s longer
//	/stand-in/bad-day?calls=1&hang-up=true                the next call gets no answer
//	/stand-in/bad-day?calls=0                             good days from now on
//	/stand-in/calls                                       how many calls there were, failed ones included
//	/stand-in/last                                        the last call as it came, keys aside
//
// Three more paths are part of the service, so that a day may spoil them too:
//
//	/stand-in/says?Cache-Control=max-age%3D60    an answer with these header fields; 304 where its Etag is asked about
//	/stand-in/events                             a text word by word, as server-sent events
//	/stand-in/lines?pause=2s                     numbers as newline-delimited JSON, with a pause between two
func BadDays(keys Keys, service http.Handler) http.Handler {
	return &days{keys: keys, service: saying(service)}
}

type days struct {
	keys    Keys
	service http.Handler

	mu    sync.Mutex
	calls int
	last  string
	bad   day
}

// A day says how the next calls go.
type day struct {
	calls      int
	status     int // 0: as on a good day
	retryAfter string
	delay      time.Duration
	hangUp     bool
}

func (d *days) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/stand-in/bad-day":
		d.order(w, r)
	case "/stand-in/calls":
		d.mu.Lock()
		defer d.mu.Unlock()
		fmt.Fprintln(w, d.calls)
	case "/stand-in/last":
		d.mu.Lock()
		defer d.mu.Unlock()
		_, _ = io.WriteString(w, d.last)
	default:
		if bad := d.call(d.record(r)); !bad.spoil(w, r) {
			d.service.ServeHTTP(w, r)
		}
	}
}

func (d *days) order(w http.ResponseWriter, r *http.Request) {
	bad, err := parseDay(r.URL.Query())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.bad = bad
	w.WriteHeader(http.StatusNoContent)
}

// call counts one, and returns the day that it falls on.
func (d *days) call(record string) day {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls++
	d.last = record
	if d.bad.calls == 0 {
		return day{}
	}
	d.bad.calls--
	return d.bad
}

// record is a call in words: request line, fields in the order of their names,
// content. Keys are left out, as whoever reads this may have none.
func (d *days) record(r *http.Request) string {
	content, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	r.Body = io.NopCloser(bytes.NewReader(content))
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s\n", r.Method, r.RequestURI, r.Proto)
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(r.Header[name], ", "))
	}
	if len(content) > 0 {
		fmt.Fprintf(&b, "\n%s\n", content)
	}
	valid, keysErr := d.keys()
	if err := errors.Join(err, keysErr); err != nil {
		return err.Error() + "\n"
	}
	text := b.String()
	for _, key := range valid {
		text = strings.ReplaceAll(text, key, "***")
	}
	return text
}

func parseDay(query url.Values) (bad day, err error) {
	bad.retryAfter = query.Get("retry-after")
	if bad.calls, err = strconv.Atoi(query.Get("calls")); err != nil || bad.calls < 0 {
		return day{}, fmt.Errorf("calls: %q is not a number", query.Get("calls"))
	}
	if bad.status, err = strconv.Atoi(cmp.Or(query.Get("status"), "0")); err != nil || bad.status != 0 && (bad.status < 200 || bad.status > 599) {
		return day{}, fmt.Errorf("status: %q is not one of 200 to 599", query.Get("status"))
	}
	if bad.delay, err = time.ParseDuration(cmp.Or(query.Get("delay"), "0")); err != nil {
		return day{}, fmt.Errorf("delay: %w", err)
	}
	if bad.hangUp, err = strconv.ParseBool(cmp.Or(query.Get("hang-up"), "false")); err != nil {
		return day{}, fmt.Errorf("hang-up: %w", err)
	}
	return bad, nil
}

// spoil does to a call what its day does, and reports whether that answered it.
func (d day) spoil(w http.ResponseWriter, r *http.Request) bool {
	if d.delay > 0 && !wait(r, d.delay) {
		return true
	}
	if d.hangUp {
		panic(http.ErrAbortHandler) // ends the connection, and is not logged
	}
	if d.status == 0 {
		return false
	}
	if d.retryAfter != "" {
		w.Header().Set("Retry-After", d.retryAfter)
	}
	http.Error(w, "having a bad day", d.status)
	return true
}
