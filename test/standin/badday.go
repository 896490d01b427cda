package standin

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// BadDays has a service fail as services do, when it is told to, and counts its
// calls. Both are done at paths of its own, which need no key:
//
//	/stand-in/bad-day?calls=3&status=503&retry-after=2    the next 3 calls are answered 503
//	/stand-in/bad-day?calls=1&delay=2s                    the next call takes 2 s longer
//	/stand-in/bad-day?calls=1&hang-up=true                the next call gets no answer
//	/stand-in/bad-day?calls=0                             good days from now on
//	/stand-in/calls                                       how many calls there were, failed ones included
func BadDays(service http.Handler) http.Handler {
	return &days{service: service}
}

type days struct {
	service http.Handler

	mu    sync.Mutex
	calls int
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
		d.tell(w)
	default:
		if bad := d.call(); !bad.spoil(w, r) {
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

func (d *days) tell(w http.ResponseWriter) {
	d.mu.Lock()
	defer d.mu.Unlock()
	fmt.Fprintln(w, d.calls)
}

// call counts one, and returns the day that it falls on.
func (d *days) call() day {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls++
	if d.bad.calls == 0 {
		return day{}
	}
	d.bad.calls--
	return d.bad
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
	if d.delay > 0 {
		select {
		case <-time.After(d.delay):
		case <-r.Context().Done():
			return true
		}
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
