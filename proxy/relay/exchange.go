package relay

import (
	"errors"
	"os"
	"sync"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/credential"
	"github.com/ambassador-operator/ambassador-operator/proxy/http1"
	"github.com/ambassador-operator/ambassador-operator/proxy/route"
	"github.com/ambassador-operator/ambassador-operator/proxy/upstream"
)

// exchange is one request and its answer, with all the room that they need. It is used over and over.
type exchange struct {
	conn     *conn
	port     *Port
	service  *Service           // whose route it is; the port's first until that is known
	endpoint *upstream.Endpoint // of the service, where the request goes
	limits   *limits
	plan     *plan // what the route asks for beyond being relayed; nil: nothing

	in    buffer // from the client
	back  buffer // from the service
	out   []byte // to either
	store [2][headRoom]byte
	lent  *[bodyRoom]byte // in back; nil while nothing is there

	req      http1.Request
	resp     http1.Response
	match    route.Match
	attached *credential.Attachment
	isHead   bool // the method is HEAD
	start    time.Duration

	up      *upstream.Conn
	request content
	arrived int // where the request's content begins in in
	upload  upload
	answer  content
	reframe bool // the answer's content is framed anew, as chunks

	again      persistence
	cached     caching
	filters    []filter // through which the answer's content goes
	reshapes   bool     // one of them makes content of another length
	isFollowed bool     // the answer's content is followed already, as the first of it was collected

	heard        bool // something of an answer was received
	passing      bool // the final answer is being passed on
	answered     bool // something of the final answer was sent
	leftBehind   bool // the client may be sending content that nobody waits for
	keep         bool // the client's connection may carry another request after this one
	ending       ending
	prepared     bool // the request is judged and composed, and can be sent
	isOneTooMany bool // there are as many requests in flight as may be
	status       int
	failure      error
}

var exchanges = sync.Pool{New: func() any {
	x := &exchange{}
	x.in.room, x.out = x.store[0][:], x.store[1][:0]
	x.upload.ended = make(chan error, 1)
	return x
}}

func borrow() *exchange { return exchanges.Get().(*exchange) }

// giveBack returns an exchange that was not used.
func (x *exchange) giveBack() { exchanges.Put(x) }

// release returns a used exchange with its own room, whatever it grew to.
func (x *exchange) release() {
	x.conn, x.port, x.service, x.endpoint, x.plan, x.attached, x.failure = nil, nil, nil, nil, nil, nil, nil
	x.in = buffer{room: x.store[0][:]}
	x.out = x.store[1][:0]
	x.ending, x.prepared = stay, false
	exchanges.Put(x)
}

// serve carries the next request through. It reports whether the connection goes on.
func (x *exchange) serve() bool {
	if x.ending != stay {
		return false
	}
	if x.prepared {
		x.finish(x.perform())
		return x.ending == stay
	}
	n, err := x.receive()
	if errors.Is(err, errNoRequest) {
		x.ending = leave
		return false
	}
	x.begin()
	if err == nil {
		err = x.prepare(n)
	}
	if err == nil {
		err = x.perform()
	}
	x.finish(err)
	return x.ending == stay
}

// serveHere carries a request through if all of it is in the buffer and the client's connection is not needed but to
// write the answer. It reports whether that was so, and nothing is left to do; serve goes on from wherever it stopped.
func (x *exchange) serveHere() bool {
	n, err := http1.FindRequestHead(x.in.unread(), 0)
	if n == 0 && err == nil {
		return false
	}
	x.begin()
	if err == nil {
		err = x.prepare(n)
	}
	if err == nil && (!x.request.done || x.req.Upgrade != nil) {
		x.prepared = true
		return false
	}
	if err == nil {
		err = x.perform()
	}
	x.finish(err)
	return x.ending == stay && x.in.isEmpty()
}

// receive reads until the request's head is complete, and returns its length.
func (x *exchange) receive() (n int, err error) {
	for scanned := 0; ; {
		n, err := http1.FindRequestHead(x.in.unread(), scanned)
		if n > 0 || err != nil {
			return n, err
		}
		if scanned == 0 {
			x.conn.wait.begin(receiving, now()+x.conn.server.headTimeout)
			x.conn.server.watcher.rouse()
		}
		scanned = len(x.in.unread())
		x.in.makeRoom(http1.MaxHead)
		if err := x.in.fill(x.conn.tcp); err != nil {
			return 0, headLost(err)
		}
	}
}

func headLost(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return errHeadTimeout
	}
	return errNoRequest
}

// begin sets what an exchange starts with.
func (x *exchange) begin() {
	x.start = now()
	x.port = x.conn.server.port.Load()
	x.serveFor(x.port.services[0])
	x.plan = nil
	x.match.Route, x.match.Allow, x.attached = nil, nil, nil
	x.req.Method, x.req.Path = nil, nil
	x.arrived, x.isHead = 0, false
	x.request, x.answer = content{}, content{}
	x.heard, x.passing, x.answered, x.keep, x.reframe, x.leftBehind = false, false, false, false, false, false
	x.status, x.failure = 0, nil
	x.again.begin(x.start)
	x.upload.begun = false
	x.isOneTooMany = x.conn.server.requests.Add(1) > x.conn.server.maxRequests
	x.conn.wait.begin(asking, forever)
	x.conn.server.watcher.rouse()
}

// prepare judges the request, whose head is the first n bytes, and writes it as it will be sent.
func (x *exchange) prepare(n int) error {
	head := x.in.take(n)
	if err := x.req.Parse(head); err != nil {
		return err
	}
	x.arrived = x.in.start
	x.isHead = string(x.req.Method) == "HEAD"
	x.request.follow(x.req.Framing, x.req.Length)
	x.keep = !x.req.Close && !x.conn.server.draining.Load()
	if x.isOneTooMany {
		return errTooManyRequests
	}
	if err := x.judge(); err != nil || x.isForCache() {
		return err
	}
	return x.compose()
}

// serveFor has the exchange go by what an ambassador says.
func (x *exchange) serveFor(s *Service) {
	x.service, x.endpoint, x.limits = s, s.first, &s.limits
	x.conn.gap.Store(int64(s.limits.idle))
}

// perform sends the request and passes the answer on.
func (x *exchange) perform() error {
	x.prepared = false
	if x.plan != nil {
		return x.carryOut()
	}
	if err := x.ask(); err != nil {
		if err = x.askAgain(err); err != nil {
			return err
		}
	}
	if x.resp.Status == 101 {
		return x.tunnel()
	}
	return x.pass()
}

// finish ends an exchange: with an answer to what failed, and with what becomes of both connections.
func (x *exchange) finish(err error) {
	if err = x.settle(err); err != nil {
		x.fail(err)
	}
	x.returnBack()
	x.conn.server.requests.Add(-1)
	x.service.record(x)
	if x.plan != nil {
		x.endStages()
	}
	if x.ending == stay && !x.keep {
		x.ending = linger
		if x.request.done && !x.leftBehind && x.in.isEmpty() {
			x.ending = leave
		}
	}
	x.in.append(x.upload.surplus)
	x.upload.surplus = nil
}

// settle ends the upload, and decides whether the service's connection can carry another request.
func (x *exchange) settle(err error) error {
	err = x.endUpload(err)
	isLive := x.conn.wait.begin(resting, forever)
	x.keep = x.keep && (isLive || !x.passing) // what ended the wait may still reach the client's connection
	if x.up == nil {
		return err
	}
	if isLive && err == nil && x.answer.done && x.request.done && !x.resp.Close && x.back.isEmpty() && x.up.IsDrained() {
		x.conn.up.Store(nil)
		x.endpoint.Put(x.up)
		x.up = nil
		return nil
	}
	x.drop()
	return err
}

// drop closes the service's connection.
func (x *exchange) drop() {
	x.conn.up.Store(nil)
	x.up.Close()
	x.up = nil
}

// fail answers what failed, or has the connection cut where an answer has begun.
func (x *exchange) fail(err error) {
	err = x.blame(err)
	x.failure = err
	switch {
	case errors.Is(err, errClientGone):
		x.status = 0
		x.ending = cut
	case x.answered:
		x.ending = cut
	default:
		if _, malformed := errors.AsType[http1.Error](err); malformed && !errors.Is(err, errBadAnswer) {
			x.keep = false // where the next request begins is in doubt
		}
		x.report(problemOf(err), err)
	}
}

// Lend makes room for what comes from the service, when it is there. What it holds is then all of an exchange's room for
// answers: the next one that gets something to read uses the same, which the processor has at hand.
func (x *exchange) Lend() []byte {
	if x.back.room == nil {
		x.lent = rooms.Get().(*[bodyRoom]byte)
		x.back.room = x.lent[:]
	}
	if x.back.isEmpty() {
		x.back.start, x.back.end = margin, margin
	}
	return x.back.room[x.back.end:]
}

// TakeBack lets go of room that nothing is in.
func (x *exchange) TakeBack() {
	if x.back.isEmpty() {
		x.returnBack()
	}
}

// returnBack gives back the room for answers, whatever is in it.
func (x *exchange) returnBack() {
	x.back = buffer{}
	if x.lent != nil {
		rooms.Put(x.lent)
		x.lent = nil
	}
}
