package relay

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"os"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/http1"
	"github.com/ambassador-operator/ambassador-operator/proxy/internal/socket"
)

// spliceFrom is the length in bytes from which the kernel moves content between two plain connections by itself.
const spliceFrom = 32 << 10

// passInterim passes a 1xx on. HTTP/1.0 has none (RFC 9110 section 15.2).
func (x *exchange) passInterim() error {
	if x.req.Minor == 0 {
		return nil
	}
	x.out = http1.AppendStatusLine(x.out[:0], x.resp.Status, x.resp.Reason)
	x.out = http1.AppendFields(x.out, x.resp.Fields)
	x.out = append(x.out, http1.CRLF...)
	defer x.boundWrite()()
	return x.flush()
}

// boundWrite bounds what is written until its result is called, where the watcher does not: a client that does not read
// must not hold an exchange for good.
func (x *exchange) boundWrite() (end func()) {
	_ = x.conn.tcp.SetWriteDeadline(time.Now().Add(x.limits.idle))
	return func() { _ = x.conn.tcp.SetWriteDeadline(time.Time{}) }
}

// pass passes the final answer on, as it comes.
func (x *exchange) pass() error {
	if !x.isFollowed {
		x.answer.follow(x.resp.Framing, x.resp.Length)
	}
	x.answer.owned = ownFields
	x.answer.unchunk = x.resp.Framing == http1.ChunkedBody && (x.req.Minor == 0 || x.isFiltered())
	x.reframe = x.req.Minor > 0 && (x.resp.Framing == http1.UntilClose || x.answer.unchunk || x.isReshaped())
	x.keep = x.keep && (x.req.Minor > 0 || x.hasKnownEnd()) && !x.conn.server.draining.Load()
	x.status = x.resp.Status
	if !x.conn.wait.begin(answering, now()+x.limits.idle) {
		return x.lost(os.ErrDeadlineExceeded)
	}
	x.passing = true
	x.redact()
	if x.plan != nil {
		dropOwned(x.resp.Fields, x.plan.answer.dropped)
	}
	x.out = x.appendAnswer(x.out[:0])
	if x.isHead && !x.answer.done { // the route asked by another method
		x.resp.Close = true
		return x.flush()
	}
	if err := x.forward(); err != nil {
		return err
	}
	if x.answer.done {
		return nil
	}
	return x.stream()
}

// redact takes a credential that is a query parameter out of the fields in which services hand back the URL that they
// were asked for: redirects and links to further pages.
func (x *exchange) redact() {
	attached := x.attached.Query.Bytes()
	if len(attached) == 0 {
		return
	}
	for i := range x.resp.Fields {
		f := &x.resp.Fields[i]
		if isLink(f) && bytes.Contains(f.Value, attached) {
			f.Value = bytes.ReplaceAll(f.Value, attached, nil)
		}
	}
}

func isLink(f *http1.Field) bool {
	return f.Is("location") || f.Is("link") || f.Is("content-location") || f.Is("refresh")
}

// hasKnownEnd reports whether an HTTP/1.0 client can tell where the answer ends without the connection's end.
func (x *exchange) hasKnownEnd() bool {
	return x.resp.Framing == http1.NoBody || x.resp.Framing == http1.Length && !x.reshapes
}

func (x *exchange) appendAnswer(out []byte) []byte {
	resp := &x.resp
	out = http1.AppendStatusLine(out, resp.Status, resp.Reason)
	out = http1.AppendFields(out, resp.Fields)
	if x.plan != nil {
		out = append(out, x.plan.answer.lines...)
	}
	switch {
	case resp.Length >= 0 && !x.reshapes:
		out = http1.AppendContentLength(out, resp.Length)
	case x.req.Minor > 0 && (resp.Framing == http1.ChunkedBody || x.reframe):
		out = append(out, "Transfer-Encoding: chunked\r\n"...)
	}
	return append(x.appendPersistence(out), http1.CRLF...)
}

// appendPersistence appends the field that says what becomes of the client's connection, where it has to be said (RFC 9112
// section 9.3).
func (x *exchange) appendPersistence(out []byte) []byte {
	switch {
	case !x.keep:
		return append(out, closes...)
	case x.req.Minor == 0:
		return append(out, "Connection: keep-alive\r\n"...)
	}
	return out
}

// closes is the field of an answer after which the connection is closed.
const closes = "Connection: close\r\n"

// forward passes on all that has arrived.
func (x *exchange) forward() error {
	for {
		piece, err := x.answer.next(&x.back)
		if err != nil {
			return x.spoilt(err)
		}
		if len(piece) == 0 && x.answer.done {
			return x.conclude()
		}
		if len(piece) == 0 {
			return x.flush()
		}
		if err := x.filterFrom(0, piece); err != nil {
			return err
		}
	}
}

// conclude writes what comes after the last piece of content.
func (x *exchange) conclude() error {
	if err := x.endFilters(); err != nil {
		return err
	}
	if x.reframe {
		x.out = append(x.out, http1.EndOfChunks...)
	}
	return x.flush()
}

// spoilt passes on what was good, so that the client sees where it ends.
func (x *exchange) spoilt(err error) error {
	if x.answered {
		_ = x.flush() // the connection is cut next
	}
	return because(errBadAnswer, err)
}

// emit puts a piece of content into out, or writes it by itself when it is long.
func (x *exchange) emit(piece []byte) error {
	if x.reframe {
		x.out = http1.AppendChunkHeader(x.out, len(piece))
	}
	if len(x.out)+len(piece) <= cap(x.out) {
		x.out = append(x.out, piece...)
	} else if err := x.writeLong(piece); err != nil {
		return err
	}
	if x.reframe {
		x.out = append(x.out, http1.ChunkEnd...)
	}
	return nil
}

// writeLong writes out and a piece that does not fit into it: in one go where there is room for the former before the
// latter, as there is before the first content of known length.
func (x *exchange) writeLong(piece []byte) error {
	start := x.back.start - len(piece) - len(x.out)
	if x.answer.framing == http1.Length && start >= 0 {
		copy(x.back.room[start:], x.out)
		x.out = x.out[:0]
		return x.write(x.back.room[start:x.back.start])
	}
	if err := x.flush(); err != nil {
		return err
	}
	return x.write(piece)
}

func (x *exchange) flush() error {
	err := x.write(x.out)
	x.out = x.out[:0]
	return err
}

func (x *exchange) write(p []byte) error {
	if len(p) == 0 || x.conn.isAlone {
		return nil
	}
	x.answered = x.resp.Status >= 200 || x.answered
	if _, err := x.conn.tcp.Write(p); err != nil {
		return because(errClientGone, err)
	}
	return nil
}

// stream passes on what comes until the answer is whole.
func (x *exchange) stream() error {
	if !x.conn.wait.begin(answering, now()+x.limits.idle) {
		return x.lost(os.ErrDeadlineExceeded)
	}
	if x.answer.framing == http1.Length && x.answer.left >= spliceFrom && x.up.TCP() != nil && !x.isFiltered() {
		return x.splice()
	}
	for !x.answer.done {
		if err := x.fillBack(); err != nil {
			return x.ends(err)
		}
		if err := x.forward(); err != nil {
			return err
		}
	}
	return nil
}

// fillBack reads what comes, in as few pieces as it can without waiting twice.
func (x *exchange) fillBack() error {
	x.TakeBack()
	if !x.back.isEmpty() {
		x.back.makeRoom(bodyRoom) // there is some: what waits for its rest is a head or a trailer section at most
	}
	n, err := x.up.ReadInto(x)
	x.back.end += n
	if n == 0 {
		return cmp.Or(err, io.ErrNoProgress)
	}
	for x.up.HasMore() && x.back.end < len(x.back.room) {
		if x.back.fill(x.up) != nil {
			return nil //nolint:nilerr // the next read says so again
		}
	}
	return nil
}

// ends judges the end of the service's connection within an answer.
func (x *exchange) ends(err error) error {
	if !errors.Is(err, io.EOF) || !x.answer.close() {
		return x.lost(err)
	}
	return x.conclude()
}

// splice lets the kernel move the rest of an answer of known length.
func (x *exchange) splice() error {
	moved, err := socket.Move(x.conn.tcp, x.up.TCP(), x.answer.left)
	x.answer.left -= moved
	x.answer.done = x.answer.left == 0
	switch {
	case x.answer.done:
		return nil
	case err == nil:
		err = io.ErrUnexpectedEOF
	case x.probeClient()&socket.Broken != 0:
		return because(errClientGone, err)
	}
	return x.lost(err)
}

func (x *exchange) probeClient() socket.Events {
	var probe socket.Probe
	return probe.Look(x.conn.tcp.Raw)
}
