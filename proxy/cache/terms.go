package cache

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/http1"
)

// Terms are what an answer says about its own keeping. They are read from the answer as the service gave it.
type Terms struct {
	// Store tells that the answer may be kept, and that this is of use.
	Store bool

	lifetime   time.Duration // from the answer's birth, as age is
	age        time.Duration // when it was received
	received   time.Duration // on the caller's clock
	revalidate bool          // never given stale
	noCache    bool          // never given without being asked about
	isPersonal bool          // private, or fresh by the rule alone: not for requests that speak for somebody else
	whileAsked time.Duration // given stale meanwhile
	onError    time.Duration // given stale then

	etag, lastModified []byte   // what the service is asked with
	vary               []string // names in lower case, sorted
	hasDate            bool
	own                []byte // a head of the fields that all this was read from, as the service gave it
}

// heuristic are the statuses that may be kept without being told for how long (RFC 9110 section 15.1), but for 206.
var heuristic = []int{200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501}

// Clock is a moment: on the caller's monotonic clock, whose origin does not matter, and on the calendar.
type Clock struct {
	Mono time.Duration
	Wall time.Time
}

// decisive are the fields of which a 304 may give some anew, while the others go on to hold.
var decisive = []string{"cache-control", "expires", "etag", "last-modified", "vary"}

// JudgeNotModified reads the terms of what an entry becomes by a 304 (RFC 9111 section 4.3.4).
func (q *Query) JudgeNotModified(e *Entry, answer *http1.Response, asked time.Duration, now Clock) Terms {
	var own http1.Response
	if err := own.Parse(e.terms.own, []byte("HEAD")); err != nil {
		return Terms{} // it was written from a head that was good
	}
	own.Fields = update(own.Fields, answer.Fields, func(f *http1.Field) bool { return f.Is("etag") })
	own.Fields = slices.DeleteFunc(own.Fields, func(f http1.Field) bool { return f.Drop })
	return q.Judge(&own, asked, now)
}

// Judge reads the terms of an answer to q (RFC 9111 sections 3 and 4.2). asked is when the request was sent.
func (q *Query) Judge(answer *http1.Response, asked time.Duration, now Clock) Terms {
	var said directives
	said.reset()
	for i := range answer.Fields {
		if f := &answer.Fields[i]; f.Is("cache-control") {
			said.add(f.Value)
		}
	}
	t := Terms{received: now.Mono, own: ownHead(answer)}
	t.etag = clone(answer.Fields, "etag")
	t.lastModified = clone(answer.Fields, "last-modified")
	isTold := t.settleTimes(answer, &said, q, asked, now)
	star := t.settleVary(answer.Fields)
	isOverridden := t.override(answer.Status, q)
	t.isPersonal = t.isPersonal || isOverridden || said.private
	isUseful := t.lifetime > t.age || t.whileAsked > 0 || t.onError > 0 || t.etag != nil || t.lastModified != nil
	t.Store = isUseful && !star && !q.IsHead && !q.said.noStore && (isOverridden || q.mayStore(answer.Status, &said, isTold))
	return t
}

func ownHead(answer *http1.Response) []byte {
	head := http1.AppendStatusLine(nil, answer.Status, nil)
	for i := range answer.Fields {
		if f := &answer.Fields[i]; slices.ContainsFunc(decisive, f.Is) {
			head = http1.AppendField(head, f.Name, f.Value)
		}
	}
	return append(head, http1.CRLF...)
}

// mayStore decides by RFC 9111 section 3. The cache is private to whoever the sidecar's credential stands for. A request
// in which the application speaks for somebody else is treated as a shared cache would treat it.
func (q *Query) mayStore(status int, said *directives, isTold bool) bool {
	switch {
	case status < 200 || status == 206 || status == 304:
		return false
	case said.mustUnderstand && http.StatusText(status) == "":
		return false
	case said.noStore && !said.mustUnderstand:
		return false
	case q.hasCookie && said.private:
		return false
	case q.hasAuthorization && (said.private || !said.public && !said.mustRevalidate && said.sharedMaxAge == none): // section 3.5
		return false
	}
	return isTold || said.public || said.private || slices.Contains(heuristic, status)
}

// settleTimes finds how old the answer is and how old it may become. isTold reports that the answer itself says so.
func (t *Terms) settleTimes(answer *http1.Response, said *directives, q *Query, asked time.Duration, now Clock) (isTold bool) {
	date, hasDate := dateOf(answer.Fields, "date")
	t.hasDate = hasDate
	if date.IsZero() {
		date = now.Wall
	}
	t.revalidate, t.noCache = said.mustRevalidate || said.noCache, said.noCache
	t.whileAsked = or(said.staleWhileRevalidate, time.Duration(q.Rule.StaleWhileRevalidate))
	t.onError = or(said.staleIfError, time.Duration(q.Rule.StaleIfError))
	apparent := max(0, now.Wall.Sub(date))
	age, isReadable := ageOf(answer.Fields)
	t.age = max(apparent, age+now.Mono-asked)
	expires, hasExpires := dateOf(answer.Fields, "expires")
	switch {
	case q.isForSomebody() && said.sharedMaxAge != none:
		t.lifetime, isTold = said.sharedMaxAge, true
	case said.maxAge != none:
		t.lifetime, isTold = said.maxAge, true
	case hasExpires && expires.IsZero():
		isTold = true
	case hasExpires:
		t.lifetime, isTold = min(max(0, expires.Sub(date)), longest), true
	case q.Rule.DefaultTTL > 0 && !q.isForSomebody() && mayDefault(answer, said):
		t.lifetime, t.isPersonal = t.age+time.Duration(q.Rule.DefaultTTL), true
	}
	if !isReadable {
		t.lifetime = 0
	}
	return isTold
}

// mayDefault reports whether an answer that does not say how long it is fresh may be taken to be so for a while: not where
// it opens a session.
func mayDefault(answer *http1.Response, said *directives) bool {
	_, cookies := http1.Lookup(answer.Fields, "set-cookie")
	return cookies == 0 && (said.public || slices.Contains(heuristic, answer.Status))
}

// override lets the rule's time hold in place of all that the answer says.
func (t *Terms) override(status int, q *Query) bool {
	if q.Rule.OverrideTTL <= 0 || !slices.Contains(heuristic, status) || q.isForSomebody() {
		return false
	}
	t.lifetime = t.age + time.Duration(q.Rule.OverrideTTL)
	t.revalidate, t.noCache = false, false
	return true
}

// ageOf reads Age. One that can not be read, or stands twice, makes the answer stale: something on the way is not in order.
func ageOf(fields []http1.Field) (age time.Duration, isReadable bool) {
	value, n := http1.Lookup(fields, "age")
	if n == 0 {
		return 0, true
	}
	age, ok := parseSeconds(value)
	return age, ok && n == 1
}

// settleVary collects the names that Vary has. star reports that no request is ever alike.
func (t *Terms) settleVary(fields []http1.Field) (star bool) {
	for i := range fields {
		if !fields[i].Is("vary") {
			continue
		}
		for element := range bytes.SplitSeq(fields[i].Value, []byte(",")) {
			name := strings.ToLower(string(trim(element)))
			star = star || name == "*"
			if name != "" {
				t.vary = append(t.vary, name)
			}
		}
	}
	slices.Sort(t.vary)
	t.vary = slices.Compact(t.vary)
	return star
}

// ageAt is how old the answer is.
func (t *Terms) ageAt(now time.Duration) time.Duration { return t.age + max(0, now-t.received) }

func clone(fields []http1.Field, lowerName string) []byte {
	value, n := http1.Lookup(fields, lowerName)
	if n != 1 {
		return nil
	}
	return bytes.Clone(value)
}

func or(said, rule time.Duration) time.Duration {
	if said == none {
		return rule
	}
	return said
}
