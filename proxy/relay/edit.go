package relay

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
	"github.com/ambassador-operator/ambassador-operator/proxy/http1"
)

// requestPlan is what a route does to requests besides finding their target, which package route does.
type requestPlan struct {
	fields  headerEdits
	method  []byte // in place of the client's; nil: the client's
	content []byte // in place of the client's
	fixed   bool   // there is content in place of the client's
}

// headerEdits are what a route does to the fields of one direction.
type headerEdits struct {
	dropped [][]byte // in lower case
	lines   []byte   // field lines that are added, each with its CRLF
}

// contentFields describe content, and go with it.
var contentFields = [][]byte{[]byte("content-type"), []byte("content-encoding"), []byte("content-language"), []byte("content-location"), []byte("content-range")}

func (p *plan) makeRequestPlan(r *config.Route, owned [][]byte) (isNeeded bool) {
	p.request.fields = makeHeaderEdits(&r.RequestHeaders)
	p.answer = makeHeaderEdits(&r.ResponseHeaders)
	if r.UpstreamMethod != "" {
		p.request.method = []byte(r.UpstreamMethod)
	}
	if r.Body != nil {
		p.request.fixed, p.request.content = true, []byte(r.Body.Text)
		p.request.fields.dropped = append(p.request.fields.dropped, contentFields...)
		p.request.fields.lines = http1.AppendField(p.request.fields.lines, "Content-Type", cmp.Or(r.Body.ContentType, "application/json"))
	}
	p.owned = slices.Concat(owned, p.request.fields.dropped)
	return p.request.method != nil || p.request.fixed || p.request.fields.any() || p.answer.any()
}

func makeHeaderEdits(h *config.Headers) (e headerEdits) {
	for _, name := range h.Remove {
		e.dropped = append(e.dropped, []byte(strings.ToLower(name)))
	}
	for _, name := range slices.Sorted(maps.Keys(h.Set)) {
		e.dropped = append(e.dropped, []byte(strings.ToLower(name)))
		e.lines = http1.AppendField(e.lines, name, h.Set[name])
	}
	return e
}

func (e *headerEdits) any() bool { return len(e.dropped) > 0 || len(e.lines) > 0 }

// replaceContent puts the route's content in place of the client's, which is not waited for.
func (x *exchange) replaceContent() {
	x.leftBehind = !x.skipContent()
	x.keep = x.keep && !x.leftBehind
	x.request.done = true
	x.out = append(x.out, x.plan.request.content...)
}

// isFixed reports whether the route has content in place of the client's.
func (x *exchange) isFixed() bool { return x.plan != nil && x.plan.request.fixed }

// method is what the service is asked with.
func (x *exchange) method() []byte {
	if x.plan != nil && x.plan.request.method != nil {
		return x.plan.request.method
	}
	return x.req.Method
}

// ownedFields lists the fields that the client may not give: those of credentials, and those that the route edits.
func (x *exchange) ownedFields() [][]byte {
	if x.plan != nil {
		return x.plan.owned
	}
	return x.service.Credentials.OwnedFields()
}
