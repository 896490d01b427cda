package relay

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/http1"
)

// maxInterim bounds the interim answers (1xx) to one request.
const maxInterim = 64

// ask sends the request and reads the head of the final answer. A kept connection that turns out to be closed is replaced,
// and a refused credential that has changed meanwhile is tried once more, where the request can be sent again.
func (x *exchange) ask() error {
	renewed := false
	for {
		err := x.try()
		switch {
		case err == errStale:
			continue
		case err != nil || renewed || x.resp.Status != 401 || !x.renew():
			return err
		}
		renewed = true
	}
}

// errStale tells ask to take another connection.
var errStale = errors.New("the kept connection was closed")

// try sends the request on one connection.
func (x *exchange) try() error {
	if err := x.compose(); err != nil {
		return err
	}
	if err := x.connect(); err != nil {
		return err
	}
	sent, err := x.send()
	if err == nil {
		err = x.hear()
	}
	if err != nil && x.up.Reused() && !x.heard && errors.Is(err, errUpstreamReset) && (sent == 0 || x.isReplayable()) {
		x.drop()
		return errStale
	}
	return err
}

// renew prepares another try after a 401, if there is another credential by now and the request can be sent again.
func (x *exchange) renew() bool {
	if !x.isReplayable() || !x.service.Credentials.Reload(x.attached) {
		return false
	}
	x.attached = x.service.Credentials.Current()
	x.drop()
	x.heard = false
	x.back.start, x.back.end = 0, 0
	return true
}

// connect takes a kept connection or dials one.
func (x *exchange) connect() error {
	if x.up = x.service.Upstream.Take(); x.up == nil {
		if err := x.dial(); err != nil {
			return err
		}
	}
	x.conn.up.Store(x.up)
	if !x.conn.wait.begin(asking, x.answerDeadline()) {
		return x.lost(os.ErrDeadlineExceeded)
	}
	return nil
}

func (x *exchange) dial() error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	x.conn.cancel.Store(&cancel)
	up, err := x.service.Upstream.Dial(ctx)
	x.conn.cancel.Store(nil)
	x.up = up
	if err != nil && x.conn.gone.Load() {
		return because(errClientGone, err)
	}
	return err
}

// answerDeadline is when the answer must have begun. There is none while content is still to be sent, which has its own.
func (x *exchange) answerDeadline() (deadline time.Duration) {
	if !x.request.done {
		return forever
	}
	return now() + x.service.answerTimeout
}

// send writes what compose made, and starts the upload of what is still to come.
func (x *exchange) send() (sent int, err error) {
	sent, err = x.up.Write(x.out)
	if err != nil {
		return sent, x.lost(err)
	}
	if !x.request.done {
		x.startUpload()
	}
	return sent, nil
}

// hear reads heads until the final answer's. Interim ones are passed on.
func (x *exchange) hear() error {
	for range maxInterim {
		if err := x.hearOne(); err != nil {
			return err
		}
		switch {
		case x.resp.Status == 101 && x.isUpgraded():
			return nil
		case x.resp.Status == 101:
			return because(errBadAnswer, errUnasked)
		case x.resp.Status >= 200:
			return nil
		}
		if err := x.passInterim(); err != nil {
			return err
		}
	}
	return because(errBadAnswer, errInterim)
}

// hearOne reads one head.
func (x *exchange) hearOne() error {
	for scanned := 0; ; {
		if received := len(x.back.unread()); received > 0 {
			x.heard = true
			n, err := http1.FindResponseHead(x.back.unread(), scanned)
			if err != nil {
				return because(errBadAnswer, err)
			}
			if n > 0 {
				return x.parseAnswer(n)
			}
			scanned = received
		}
		x.back.makeRoom(http1.MaxHead)
		if err := x.back.fill(x.up); err != nil {
			return x.lost(err)
		}
	}
}

func (x *exchange) parseAnswer(n int) error {
	method := []byte("GET")
	if x.isHead {
		method = []byte("HEAD")
	}
	if err := x.resp.Parse(x.back.take(n), method); err != nil {
		return because(errBadAnswer, err)
	}
	return nil
}

// isUpgraded reports whether the service switches to what was asked for.
func (x *exchange) isUpgraded() bool {
	return x.req.Upgrade != nil && offers(x.req.Upgrade, x.resp.Upgrade)
}

// lost says why the service's connection failed.
func (x *exchange) lost(err error) error {
	switch {
	case x.conn.gone.Load():
		return because(errClientGone, err)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return because(errUpstreamTimeout, err)
	}
	return because(errUpstreamReset, err)
}
