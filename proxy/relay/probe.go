package relay

import (
	"bytes"
	"context"

	"github.com/ambassador-operator/ambassador-operator/proxy/http1"
	"github.com/ambassador-operator/ambassador-operator/proxy/upstream"
)

// Probe asks an endpoint of the service for a path under its base path, as a request of the application would: with the
// credentials attached. It returns the answer's status. It is an [upstream.Asker].
func (s *Service) Probe(ctx context.Context, e *upstream.Endpoint, path string) (status int, err error) {
	attached := s.Credentials.Current()
	switch {
	case attached.Missing != nil:
		return 0, because(errCredentialMissing, attached.Missing)
	case attached.Refused != nil:
		return 0, because(errUpstreamNotAllowed, attached.Refused)
	}
	up, err := e.Dial(ctx, 0)
	if err != nil {
		return 0, err
	}
	defer up.Close()
	defer context.AfterFunc(ctx, up.Interrupt)()

	request := append(append([]byte("GET "), e.Base()...), path...)
	if query := attached.Query.Bytes(); len(query) > 0 {
		separator := byte('?')
		if bytes.IndexByte(request, '?') >= 0 {
			separator = '&'
		}
		request = append(append(request, separator), query...)
	}
	request = append(request, " HTTP/1.1\r\n"...)
	request = http1.AppendField(request, "Host", e.Host())
	request = append(append(request, attached.Fields.Bytes()...), "Connection: close\r\n\r\n"...)
	if _, err := up.Write(request); err != nil {
		return 0, because(errUpstreamReset, err)
	}
	return hearStatus(up)
}

// hearStatus reads the final answer's head.
func hearStatus(up *upstream.Conn) (status int, err error) {
	heard := buffer{room: make([]byte, headRoom)}
	var resp http1.Response
	for scanned := 0; ; {
		n, err := http1.FindResponseHead(heard.unread(), scanned)
		if err == nil && n > 0 {
			err = resp.Parse(heard.take(n), []byte("GET"))
		}
		switch {
		case err != nil:
			return 0, because(errBadAnswer, err)
		case n > 0 && resp.Status >= 200:
			return resp.Status, nil
		case n > 0:
			scanned = 0
			continue
		}
		scanned = len(heard.unread())
		heard.makeRoom(http1.MaxHead)
		if err := heard.fill(up); err != nil {
			return 0, because(errUpstreamReset, err)
		}
	}
}
