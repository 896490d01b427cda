package relay

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/ambassador-operator/ambassador-operator/proxy/http1"
	"github.com/ambassador-operator/ambassador-operator/proxy/upstream"
)

// maxInterim bounds the interim answers (1xx) to one request.
const maxInterim = 64

// ask sends the request and reads the head of the final answer. A kept connection that turns out to be closed is replaced,
// and a refused credential that has changed meanwhile is tried once more, where the request can be sent again.
func (x *exchange) ask() error {
	for isRenewed := false; ; {
		err := x.try()
		switch {
		case x.isStale(err):
			x.drop()
		case err != nil || isRenewed || x.resp.Status != 401:
			return err
		default:
			if isRenewed, err = x.renew(); err != nil || !isRenewed {
				return err
			}
		}
	}
}

// try sends the request on one connection.
func (x *exchange) try() error {
	if err := x.connect(); err != nil {
		return err
	}
	if err := x.send(); err != nil {
		return err
	}
	return x.hear()
}

// isStale reports whether a try has failed only because a kept connection was closed, and another one may be made.
func (x *exchange) isStale(err error) bool {
	if err == nil || x.heard || x.up == nil || !x.up.Reused() {
		return false
	}
	return errors.Is(err, upstream.ErrStale) || errors.Is(err, errUpstreamReset) && x.isReplayable() && x.mayReplay()
}

// renew prepares another try after a 401, if there is another credential by now and the request can be sent again.
func (x *exchange) renew() (isRenewed bool, err error) {
	if !x.isReplayable() || !x.service.Credentials.Reload(x.attached) {
		return false, nil
	}
	x.attached = x.service.Credentials.Current()
	x.drop()
	x.heard = false
	return true, x.compose()
}

// connect takes a kept connection or dials one.
func (x *exchange) connect() error {
	began := x.again.began
	if x.request.done {
		x.up = x.endpoint.Take()
	} else {
		x.up = x.endpoint.TakeClean()
	}
	if x.up == nil {
		if err := x.dial(); err != nil {
			return err
		}
		began = now()
	}
	x.conn.up.Store(x.up)
	deadline := x.again.until // content that is still to be sent has a deadline of its own
	if x.request.done {
		deadline = min(deadline, began+x.limits.answer)
	}
	if !x.conn.wait.begin(asking, deadline) {
		return x.lost(os.ErrDeadlineExceeded)
	}
	return nil
}

func (x *exchange) dial() error {
	if x.again.until != forever && !x.conn.wait.begin(asking, x.again.until) {
		return x.lost(os.ErrDeadlineExceeded)
	}
	return x.whileWanted(func(ctx context.Context) (err error) {
		x.up, err = x.endpoint.Dial(ctx, x.limits.connect)
		return err
	})
}

// whileWanted runs what waits for something other than a connection's bytes. Its context ends when there is no client any
// more, when the wait's deadline passes, and when the server is told to end.
func (x *exchange) whileWanted(wait func(context.Context) error) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	x.conn.cancel.Store(&cancel)
	if x.conn.wait.word.Load() == expired {
		cancel() // before it could be told
	}
	err := wait(ctx)
	x.conn.cancel.Store(nil)
	if err != nil && ctx.Err() != nil {
		return x.lost(fmt.Errorf("%w: %w", os.ErrDeadlineExceeded, err))
	}
	return err
}

// send writes what compose made. Where that is all, it also waits for the first bytes of the answer; else it starts the
// upload of what is still to come.
func (x *exchange) send() error {
	x.returnBack()
	if x.request.done {
		n, err := x.up.Ask(x.out, x)
		x.back.end += n
		switch {
		case n > 0:
			x.heard = true
			return nil
		case errors.Is(err, upstream.ErrStale) && x.conn.wait.word.Load() == expired:
			return x.lost(os.ErrDeadlineExceeded) // it was interrupted before it could be used
		case errors.Is(err, upstream.ErrStale) && !x.up.Reused():
			return because(errBadAnswer, err)
		}
		return x.lost(err)
	}
	if _, err := x.up.Write(x.out); err != nil {
		return x.lost(err)
	}
	x.startUpload()
	return nil
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
		if err := x.fillBack(); err != nil {
			return x.lost(err)
		}
	}
}

func (x *exchange) parseAnswer(n int) error {
	if err := x.resp.Parse(x.back.take(n), x.method()); err != nil {
		return because(errBadAnswer, err)
	}
	dropOwned(x.resp.Fields, ownFields)
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
