package relay

import (
	"github.com/ambassador-operator/ambassador-operator/proxy/http1"
	"github.com/ambassador-operator/ambassador-operator/proxy/route"
)

// judge finds the route and the credential, or the reason to refuse the request.
func (x *exchange) judge() error {
	if err := x.lookup(); err != nil {
		return err
	}
	x.attached = x.service.Credentials.Current()
	switch {
	case x.attached.Missing != nil:
		return because(errCredentialMissing, x.attached.Missing)
	case x.attached.Refused != nil:
		return because(errUpstreamNotAllowed, x.attached.Refused)
	}
	dropOwned(x.req.Fields, x.ownedFields())
	if x.plan != nil {
		x.attachKey(x.plan.retry)
	}
	return nil
}

func (x *exchange) lookup() error {
	if len(x.req.Path) == 1 && x.req.Path[0] == '*' {
		return errNotFound // OPTIONS * is about this server, which has nothing to say (RFC 9110 section 9.3.7)
	}
	switch x.port.routes.Lookup(x.req.Path, x.req.Method, &x.match) {
	case route.NotFound:
		return errNotFound
	case route.MethodNotAllowed:
		return errMethodNotAllowed
	case route.Unsafe:
		return errUnsafePath
	}
	if owner := x.port.services[x.match.Route.Owner]; owner != x.service {
		x.serveFor(owner)
	}
	if x.plan = x.service.plans[x.match.Route.Index]; x.plan != nil {
		return x.follow(x.plan)
	}
	return nil
}

// dropOwned drops the fields that a service could take for one of owned, which are in lower case.
func dropOwned(fields []http1.Field, owned [][]byte) {
	for i := range fields {
		for _, name := range owned {
			if isSpelled(fields[i].Name, name) {
				fields[i].Drop = true
			}
		}
	}
}

// isSpelled reports whether name is that name in any case, with '_' and '-' alike: services that turn names into
// variables (RFC 3875 section 4.1.18) can not tell these apart.
func isSpelled(name, lower []byte) bool {
	if len(name) != len(lower) {
		return false
	}
	for i, c := range name {
		if foldName(c) != foldName(lower[i]) {
			return false
		}
	}
	return true
}

func foldName(c byte) byte {
	switch {
	case c >= 'A' && c <= 'Z':
		return c | 0x20
	case c == '_':
		return '-'
	}
	return c
}

// compose writes the request as it goes to the service: the head, and the content that has arrived.
func (x *exchange) compose() error {
	x.in.start = x.arrived
	x.request.follow(x.req.Framing, x.req.Length)
	x.request.owned = x.ownedFields()
	x.out = x.appendRequest(x.out[:0])
	if x.isFixed() {
		x.replaceContent()
		return nil
	}
	for {
		piece, err := x.request.next(&x.in)
		if err != nil || len(piece) == 0 {
			return err
		}
		x.out = append(x.out, piece...)
	}
}

func (x *exchange) appendRequest(out []byte) []byte {
	req := &x.req
	out = append(append(out, x.method()...), ' ')
	out = x.match.AppendTarget(out, x.endpoint.Base(), req.Path, req.Query, req.HasQuery, x.service.Credentials.OwnedParameters(), x.attached.Query.Bytes())
	out = append(out, " HTTP/1.1\r\n"...)
	out = http1.AppendField(out, "Host", x.endpoint.Host())
	out = http1.AppendFields(out, req.Fields)
	if x.plan != nil {
		out = append(out, x.plan.request.fields.lines...)
	}
	switch {
	case x.isFixed():
		out = http1.AppendContentLength(out, int64(len(x.plan.request.content)))
	case req.Framing == http1.Length:
		out = http1.AppendContentLength(out, req.Length)
	case req.Framing == http1.ChunkedBody:
		out = append(out, "Transfer-Encoding: chunked\r\n"...)
	}
	if req.ExpectContinue {
		out = append(out, "Expect: 100-continue\r\n"...)
	}
	switch {
	case req.Upgrade != nil:
		out = append(http1.AppendField(out, "Upgrade", req.Upgrade), "Connection: Upgrade\r\n"...)
	case req.TETrailers:
		out = append(out, "TE: trailers\r\nConnection: TE\r\n"...)
	}
	if len(x.again.key) > 0 {
		out = http1.AppendField(out, x.plan.retry.Key, x.again.key)
	}
	out = append(out, x.attached.Fields.Bytes()...)
	return append(out, http1.CRLF...)
}

// isReplayable reports whether the request may be sent a second time: nothing of it is gone, and the method says that
// twice is as good as once (RFC 9110 section 9.2.2).
func (x *exchange) isReplayable() bool {
	return !x.upload.begun && x.request.done && x.isIdempotent()
}

func (x *exchange) isIdempotent() bool {
	switch string(x.method()) {
	case "GET", "HEAD", "OPTIONS", "PUT", "DELETE":
		return true
	}
	return false
}
