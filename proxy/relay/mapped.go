package relay

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
	"github.com/ambassador-operator/ambassador-operator/proxy/http1"
	"github.com/ambassador-operator/ambassador-operator/proxy/mapping"
)

// mapPlan is how a route maps answers.
type mapPlan struct {
	*mapping.Mapping
	captures int // of the route's path
	counters *mapCounters
}

// makeMapPlan returns nil for a route whose answers go on as they come.
func (s *Service) makeMapPlan(m *mapping.Mapping, r *config.Route) *mapPlan {
	if m == nil {
		return nil
	}
	return &mapPlan{m, strings.Count(r.Path, "{"), newMapCounters(s.counters, r)}
}

// Fields of requests that go to no service on a route that maps content: an answer must come plain and whole.
var unmappable = [][]byte{[]byte("accept-encoding"), []byte("range"), []byte("if-range")}

// Fields of answers that say of the service's content what does not hold of another.
var ofContent = [][]byte{
	[]byte("content-type"), []byte("content-encoding"), []byte("content-range"), []byte("accept-ranges"), []byte("content-md5"),
	[]byte("digest"), []byte("content-digest"), []byte("repr-digest"), []byte("trailer"),
}

// expectMapped prepares a request whose answer may be mapped.
func (x *exchange) expectMapped() {
	if !x.plan.mapping.HasPrograms() {
		return
	}
	dropOwned(x.req.Fields, unmappable)
	x.req.Fields = append(x.req.Fields, http1.Field{Name: []byte("Accept-Encoding"), Value: []byte("identity")})
	x.req.TETrailers = false
}

// mapAnswer makes the answer one that the application knows, where the route says so: its head, and its content as a whole
// or as it passes.
func (x *exchange) mapAnswer() error {
	p := x.plan.mapping
	if p == nil {
		return nil
	}
	if x.resp.Status == http.StatusNotModified {
		if p.HasPrograms() {
			x.weakenTag()
		}
		return nil
	}
	rule := p.Rule(x.resp.Status)
	switch {
	case rule == nil:
		return nil
	case !rule.HasProgram() && !isWithoutContent(rule.Status):
		x.restate(rule.Status, rule.TypeOf(false))
		return nil
	case x.isHead, x.resp.Status == http.StatusNoContent && (rule.Status == 0 || isWithoutContent(rule.Status)):
		x.restateWithout(rule)
		return nil
	case rule.HasProgram() && x.isStream(p):
		return x.mapStream(rule)
	}
	return x.mapWhole(rule)
}

// isWithoutContent reports whether answers of a status never have content (RFC 9110 sections 15.3.5 and 15.4.5).
func isWithoutContent(status int) bool {
	return status == http.StatusNoContent || status == http.StatusNotModified
}

// restate gives the answer another status and content type, of which zero and empty leave it its own.
func (x *exchange) restate(status int, contentType string) {
	if status != 0 && status != x.resp.Status {
		x.resp.Status, x.resp.Reason = status, []byte(http.StatusText(status))
	}
	if contentType == "" {
		return
	}
	dropOwned(x.resp.Fields, ofContent[:1])
	x.resp.Fields = append(x.resp.Fields, http1.Field{Name: []byte("Content-Type"), Value: []byte(contentType)})
}

// restateWithout is restate for an answer whose content is not there to be mapped.
func (x *exchange) restateWithout(rule *mapping.Rule) {
	status, contentType := rule.Status, rule.TypeOf(false)
	if rule.MakesStatus() {
		status = 0
	}
	if rule.HasProgram() {
		x.dropOfContent()
		x.resp.Length = -1
	}
	if x.resp.Status == http.StatusNoContent {
		contentType = ""
	}
	x.restate(status, contentType)
}

// dropOfContent drops the fields that hold of the service's content alone, and says of its tag that it names what is alike
// and not the same (RFC 9110 section 8.8.1).
func (x *exchange) dropOfContent() {
	dropOwned(x.resp.Fields, ofContent)
	x.weakenTag()
}

func (x *exchange) weakenTag() {
	for i := range x.resp.Fields {
		if f := &x.resp.Fields[i]; f.Is("etag") && bytes.HasPrefix(f.Value, []byte(`"`)) {
			f.Value = append([]byte("W/"), f.Value...)
		}
	}
}

// mapWhole collects the content, maps it, and has it stand as if it had come so from the service.
func (x *exchange) mapWhole(rule *mapping.Rule) error {
	p := x.plan.mapping
	most := p.MaxBytes()
	if x.resp.Framing == http1.Length && x.resp.Length > int64(most) {
		return p.refuse()
	}
	var held reservation
	defer held.release()
	content, isWhole, err := x.collect(most, &held)
	if err != nil {
		return err
	}
	if !isWhole {
		x.putBack(content)
		return p.refuse()
	}
	plain, err := x.decoded(content, most)
	if errors.Is(err, mapping.ErrTooLarge) {
		x.replaceAnswer(content, 0)
		return p.refuse()
	}
	if err != nil {
		return p.fails(err)
	}
	room, status, err := x.runProgram(rule, plain)
	if err != nil {
		return p.fails(err)
	}
	p.counters.count(nil)
	if rule.HasProgram() {
		x.dropOfContent()
	}
	x.restate(status, rule.TypeOf(false))
	x.replaceAnswer(room, headRoomBefore)
	return nil
}

// refuse returns what becomes of an answer that is too large: nothing where it passes.
func (p *mapPlan) refuse() error {
	p.counters.count(mapping.ErrTooLarge)
	if p.PassesTooLarge() {
		return nil
	}
	return because(errMapping, mapping.ErrTooLarge)
}

// fails counts what failed, and returns it.
func (p *mapPlan) fails(err error) error {
	p.counters.count(err)
	if errors.Is(err, context.Canceled) {
		return because(errUpstreamTimeout, err)
	}
	return because(errMapping, err)
}

// headRoomBefore is kept free before mapped content, so that the head is written with it in one go.
const headRoomBefore = 1 << 10

// runProgram maps content. The result begins after headRoomBefore.
func (x *exchange) runProgram(rule *mapping.Rule, content []byte) (room []byte, status int, err error) {
	if !x.conn.wait.begin(asking, forever) {
		return nil, 0, x.lost(os.ErrDeadlineExceeded)
	}
	begun := time.Now()
	err = x.whileWanted(func(ctx context.Context) (err error) {
		room = make([]byte, headRoomBefore, headRoomBefore+len(content))
		room, status, err = rule.Map(ctx, room, content, x.mapRequest())
		return err
	})
	x.plan.mapping.counters.ran(time.Since(begun))
	return room, status, err
}

// mapRequest is what programs can know of the request.
func (x *exchange) mapRequest() *mapping.Request {
	request := &mapping.Request{Status: x.resp.Status, Query: string(x.req.Query)}
	for i := range x.plan.mapping.captures {
		request.Captures = append(request.Captures, string(x.match.Capture(x.req.Path, i)))
	}
	return request
}
