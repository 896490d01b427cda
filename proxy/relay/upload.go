package relay

import (
	"errors"
	"io"
	"os"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/http1"
	"github.com/ambassador-operator/ambassador-operator/proxy/internal/socket"
	"github.com/ambassador-operator/ambassador-operator/proxy/upstream"
)

// upload sends what comes of a request's content after its head, in a goroutine of its own: the service may answer, or
// refuse, before it has all of it.
type upload struct {
	active  bool
	begun   bool       // in this exchange: the content is gone from the buffer
	ended   chan error // one value for each upload
	surplus []byte     // what came after the content: the next request
}

// uploadGrace is how long an upload may go on once the answer is whole. It is most often already at its end.
const uploadGrace = 250 * time.Millisecond

func (x *exchange) startUpload() {
	x.upload.active, x.upload.begun = true, true
	x.conn.upload.begin(sending, now()+x.limits.idle)
	go x.runUpload(x.up)
}

func (x *exchange) runUpload(up *upstream.Conn) {
	c := x.conn
	err := x.sendContent(up)
	if !c.upload.begin(resting, forever) && err == nil {
		err = errBodyTimeout
	}
	if err == nil {
		c.wait.limit(asking, now()+x.limits.answer)
	}
	x.upload.ended <- err
	if err != nil && !errors.Is(err, errUpstreamReset) {
		up.Interrupt() // no answer is waited for
	}
}

// sendContent passes on content as it comes, until it is whole.
func (x *exchange) sendContent(up *upstream.Conn) error {
	room := rooms.Get().(*[bodyRoom]byte)
	defer rooms.Put(room)
	feed := buffer{room: room[:]}
	feed.end = copy(feed.room, x.in.unread())
	x.in.start = x.in.end
	for !x.request.done {
		if x.canSpliceUpload(up, &feed) {
			return x.spliceUpload(up)
		}
		piece, err := x.request.next(&feed)
		if err != nil {
			return err
		}
		if len(piece) > 0 {
			if _, err := up.Write(piece); err != nil {
				return x.refused(err)
			}
			continue
		}
		if x.request.done {
			break
		}
		if !feed.makeRoom(bodyRoom) {
			return http1.ErrTrailerTooLarge
		}
		if err := feed.fill(x.conn.tcp); err != nil {
			return contentLost(err)
		}
	}
	x.upload.surplus = append([]byte(nil), feed.unread()...)
	return nil
}

// contentLost says why the client's content ended early.
func contentLost(err error) error {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return because(errBodyTimeout, err)
	case errors.Is(err, io.EOF):
		return because(errBodyShort, err)
	}
	return because(errClientGone, err)
}

// refused says why the service did not take the content.
func (x *exchange) refused(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return because(errUpstreamTimeout, err)
	}
	return because(errUpstreamReset, err)
}

func (x *exchange) canSpliceUpload(up *upstream.Conn, feed *buffer) bool {
	return x.request.framing == http1.Length && x.request.left >= spliceFrom && feed.isEmpty() && up.TCP() != nil
}

// spliceUpload lets the kernel move the rest of content of known length.
func (x *exchange) spliceUpload(up *upstream.Conn) error {
	moved, err := socket.Move(up.TCP(), x.conn.tcp, x.request.left)
	x.request.left -= moved
	x.request.done = x.request.left == 0
	switch {
	case x.request.done:
		return nil
	case err == nil:
		return because(errBodyShort, io.ErrUnexpectedEOF)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return because(errBodyTimeout, err)
	}
	return because(errUpstreamReset, err)
}

// endUpload waits for the upload's end, or brings it about. Of what failed, it returns what failed first.
func (x *exchange) endUpload(err error) error {
	if !x.upload.active {
		return err
	}
	x.upload.active = false
	if err == nil {
		return x.awaitUpload()
	}
	select {
	case cause := <-x.upload.ended:
		x.keep = x.keep && cause == nil // what it had read of the next request is lost
		if cause != nil && !errors.Is(cause, errUpstreamReset) {
			return cause
		}
	default:
		x.stopUpload()
	}
	return err
}

// awaitUpload gives the upload a moment after a whole answer. What it fails with then does not matter to the client,
// which has its answer; the connection ends.
func (x *exchange) awaitUpload() error {
	grace := time.NewTimer(uploadGrace)
	defer grace.Stop()
	select {
	case err := <-x.upload.ended:
		if err != nil {
			x.keep, x.resp.Close = false, true
		}
	case <-grace.C:
		x.stopUpload()
	}
	return nil
}

func (x *exchange) stopUpload() {
	_ = x.conn.tcp.SetReadDeadline(past)
	x.up.Interrupt()
	x.keep, x.resp.Close = false, true // of no use any more
	<-x.upload.ended                   //nolint:errcheck // it was told to end
}
