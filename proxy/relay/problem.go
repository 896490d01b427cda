package relay

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/guard"
	"github.com/ambassador-operator/ambassador-operator/proxy/http1"
	"github.com/ambassador-operator/ambassador-operator/proxy/mapping"
	"github.com/ambassador-operator/ambassador-operator/proxy/upstream"
)

// problemBase precedes a problem's code in its type (RFC 9457 section 3.1.1).
const problemBase = "https://ambassador-operator.io/problems/"

// ownFields are set by the sidecar alone: what the service sends under these names is not passed on.
var ownFields = [][]byte{[]byte("ambassador-error")}

// problem is an answer that the sidecar gives in the service's stead. Its words are its own: no error's text is in it.
type problem struct {
	code   string
	status int
	detail string
	// upstream tells that the service or the way to it is to blame.
	upstream bool
}

// The problems, but for those of package http1, which carry their own.
var (
	problemClientGone         = problem{"client-gone", 499, "The client closed the connection before the answer.", false}
	problemRequestTimeout     = problem{"request-timeout", 408, "The request did not arrive in time.", false}
	problemBodyShort          = problem{"body-too-short", 400, "The request's content ended before its announced length.", false}
	problemNotFound           = problem{"not-found", 404, "No route covers this path.", false}
	problemMethodNotAllowed   = problem{"method-not-allowed", 405, "The route does not answer this method; Allow lists those it does.", false}
	problemUnsafePath         = problem{"unsafe-path", 400, "The path has dot segments, empty segments, backslashes, controls or malformed escapes, plain or encoded.", false}
	problemCredentialMissing  = problem{"credential-missing", 503, "A credential that this request needs is missing; the sidecar's /readyz names it.", false}
	problemUpstreamNotAllowed = problem{"upstream-not-allowed", 503, "The Secret's allowed-upstreams does not list this upstream.", false}
	problemUnresolved         = problem{"upstream-unresolved", 502, "The service's name could not be resolved.", true}
	problemRefusedAddress     = problem{"upstream-refused-address", 502, "The service's name resolves to addresses that denyCIDRs refuses.", true}
	problemUnreachable        = problem{"upstream-unreachable", 502, "No address of the service accepted a connection.", true}
	problemTLS                = problem{"upstream-tls", 502, "The TLS handshake with the service failed; the sidecar's log says why.", true}
	problemReset              = problem{"upstream-reset", 502, "The service closed the connection before its answer was complete.", true}
	problemBadAnswer          = problem{"upstream-bad-response", 502, "The service's answer was not valid HTTP.", true}
	problemMapping            = problem{"mapping-failed", 502, "The service's answer could not be made the one that the route promises; the sidecar's log says which rule failed.", false}
	problemMappingTooLarge    = problem{"mapping-too-large", 502, "The service's answer, or what the route makes of it, is larger than the route's bounds.", false}
	problemUpstreamTimeout    = problem{"upstream-timeout", 504, "The service did not answer in time.", true}
	problemOverdue            = problem{"deadline-exceeded", 504, "The call took longer than the route or the client allows.", true}
	problemBadDeadline        = problem{"bad-deadline", 400, "The deadline field holds no time; give seconds such as 2.5, or a duration such as 1500ms.", false}
	problemCircuitOpen        = problem{"circuit-open", 503, "The service has failed too often and is left alone for a while; Retry-After says how long.", false}
	problemRateLimited        = problem{"rate-limited", 429, "The service may not be called more often now; Retry-After says when it may.", false}
	problemTooManyCalls       = problem{"too-many-calls", 503, "As many calls to the service are in flight as may be; wait for answers before sending more.", false}
	problemTooMany            = problem{"too-many-connections", 503, "The sidecar has as many connections as it takes; close idle ones or try again.", false}
	problemTooManyRequests    = problem{"too-many-requests", 503, "The sidecar has as many requests in flight as it takes; wait for answers before sending more.", false}
	problemNotCached          = problem{"not-cached", 504, "The request asks for a kept answer alone, and there is none that may be given.", false}
	problemInternal           = problem{"internal", 500, "The sidecar could not handle the request.", false}
)

// reasons says which answer each error becomes. Of an error that wraps several, the first in this list counts.
var reasons = []struct {
	err     error
	problem problem
}{
	{errOverdue, problemOverdue},
	{errClientGone, problemClientGone},
	{errBadDeadline, problemBadDeadline},
	{errBadAnswer, problemBadAnswer},
	{errHeadTimeout, problemRequestTimeout},
	{errBodyTimeout, problemRequestTimeout},
	{errBodyShort, problemBodyShort},
	{errNotFound, problemNotFound},
	{errMethodNotAllowed, problemMethodNotAllowed},
	{errUnsafePath, problemUnsafePath},
	{errCredentialMissing, problemCredentialMissing},
	{errUpstreamNotAllowed, problemUpstreamNotAllowed},
	{guard.ErrCircuitOpen, problemCircuitOpen},
	{guard.ErrRateLimited, problemRateLimited},
	{guard.ErrTooManyCalls, problemTooManyCalls},
	{mapping.ErrTooLarge, problemMappingTooLarge},
	{errMapping, problemMapping},
	{errUpstreamTimeout, problemUpstreamTimeout},
	{upstream.ErrTimeout, problemUpstreamTimeout},
	{upstream.ErrUnresolved, problemUnresolved},
	{upstream.ErrRefusedAddress, problemRefusedAddress},
	{upstream.ErrTLS, problemTLS},
	{upstream.ErrUnreachable, problemUnreachable},
	{errUpstreamReset, problemReset},
	{errTooManyConnections, problemTooMany},
	{errNotCached, problemNotCached},
	{errTooManyRequests, problemTooManyRequests},
}

// problemOf is the one place where an error becomes an answer.
func problemOf(err error) problem {
	for i := range reasons {
		if errors.Is(err, reasons[i].err) {
			return reasons[i].problem
		}
	}
	if verdict, ok := errors.AsType[http1.Error](err); ok {
		return problem{verdict.Code(), verdict.Status(), "The request is refused: " + verdict.Error() + " (" + verdict.Section() + ").", false}
	}
	return problemInternal
}

// append writes the whole answer. fields are further lines of its head.
func (p *problem) append(out, fields []byte, isHead bool) []byte {
	body := p.body()
	out = http1.AppendStatusLine(out, p.status, []byte(http.StatusText(p.status)))
	out = append(out, "Date: "...)
	out = time.Now().UTC().AppendFormat(out, http.TimeFormat)
	out = append(out, "\r\nContent-Type: application/problem+json\r\nCache-Control: no-store\r\n"...)
	out = http1.AppendField(out, "Ambassador-Error", p.code)
	out = append(out, fields...)
	out = http1.AppendContentLength(out, int64(len(body)))
	out = append(out, http1.CRLF...)
	if isHead {
		return out
	}
	return append(out, body...)
}

// body is the problem in JSON (RFC 9457).
func (p *problem) body() []byte {
	body, err := json.Marshal(struct {
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail"`
	}{problemBase + p.code, http.StatusText(p.status), p.status, p.detail})
	if err != nil {
		return []byte(`{"status":` + strconv.Itoa(p.status) + `}`) // strings and a number do not fail
	}
	return append(body, '\n')
}

// fieldsOf returns the fields in which an answer says more about what failed.
func (x *exchange) fieldsOf(err error) (fields []byte) {
	if x.match.Allow != nil {
		fields = http1.AppendField(fields, "Allow", x.match.Allow)
	}
	if refusal, ok := errors.AsType[*guard.Refusal](err); ok {
		seconds := max(int64((refusal.After+time.Second-1)/time.Second), 1)
		fields = http1.AppendField(fields, "Retry-After", strconv.AppendInt(nil, seconds, 10))
	}
	return fields
}

// report answers with a problem, and keeps the connection where the request has been read to its end.
func (x *exchange) report(p problem, err error) {
	x.status = p.status
	x.keep = x.keep && x.skipContent()
	x.out = p.append(x.out[:0], x.appendPersistence(x.fieldsOf(err)), x.isHead)
	if x.conn.isAlone {
		return
	}
	defer x.boundWrite()()
	if _, err := x.conn.tcp.Write(x.out); err != nil {
		x.ending = cut
	}
}

// skipContent reports whether all of the request's content has arrived, and leaves it behind.
func (x *exchange) skipContent() bool {
	for !x.request.done {
		if piece, err := x.request.next(&x.in); err != nil || len(piece) == 0 && !x.request.done {
			return false
		}
	}
	return true
}
