package upstream

import (
	"io"

	"github.com/ambassador-operator/ambassador-operator/proxy/internal/socket"
)

// wire is the transport of a connection, below TLS where there is TLS. Between requests it is plain TCP. Besides, it knows
// to send a request in the middle of a read (Conn.Ask), and to read without waiting (Conn.isClean).
type wire struct {
	*socket.Conn
	owner *Conn
	step  func(fd uintptr) bool // w.advance, bound once
	ahead ahead                 // with TLS

	holding bool   // writes are kept in queue
	queue   []byte // what TLS made of the request
	held    []byte // the request to send in the next read; nil for none

	probing bool // reads that would wait fail
	one     [1]byte

	// The read in progress.
	lender Lender
	n      int
	err    error
}

// Write is TCP's, but for what is kept for the next read.
func (w *wire) Write(p []byte) (int, error) {
	if w.holding {
		w.queue = append(w.queue, p...)
		return len(p), nil
	}
	return w.Conn.Write(p)
}

// Read is what TLS reads with.
func (w *wire) Read(p []byte) (int, error) {
	if w.ahead.isEmpty() {
		if err := w.readAhead(); err != nil {
			return 0, err
		}
	}
	return w.ahead.take(p), nil
}

func (w *wire) readAhead() error {
	if w.probing && w.held == nil && w.owner.probe.Look(w.Raw) == 0 {
		return errNothing
	}
	n, err := w.readInto(&w.ahead)
	w.ahead.end = n
	if n == 0 && !w.ahead.isEmpty() {
		w.ahead.TakeBack()
	}
	return err
}

// readInto waits until something can be read, and reads once. What is held it sends first.
func (w *wire) readInto(lender Lender) (int, error) {
	w.lender, w.n, w.err = lender, 0, nil
	err := w.Raw.Read(w.step)
	w.lender = nil
	if err != nil {
		return 0, err
	}
	if w.n == 0 && w.err == nil {
		return 0, io.EOF
	}
	return w.n, w.err
}

// advance is called when the wire may be readable, and at the very start. It reports that the read is done.
func (w *wire) advance(fd uintptr) (done bool) {
	n, again, err := socket.Read(fd, w.lender.Lend())
	if !again {
		w.n, w.err = n, err
		return true
	}
	w.lender.TakeBack()
	if w.held == nil {
		return false
	}
	request := w.held
	w.held = nil
	if n, again, w.err = socket.Write(fd, request); again {
		_, w.err = w.Conn.Write(request[n:])
	}
	return w.err != nil
}

// errNothing is a net.Error that crypto/tls takes for temporary.
var errNothing nothing

type nothing struct{}

func (nothing) Error() string   { return "nothing to read" }
func (nothing) Timeout() bool   { return true }
func (nothing) Temporary() bool { return true }
