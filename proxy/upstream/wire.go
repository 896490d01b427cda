package upstream

import (
	"io"
	"net"
	"syscall"

	"github.com/ambassador-operator/ambassador-operator/proxy/internal/socket"
)

// wire is the transport of a connection, below TLS where there is TLS. Between requests it is plain TCP. Besides, it knows
// to send a request in the middle of a read (Conn.Ask), and to read without waiting (Conn.isClean).
type wire struct {
	*net.TCPConn
	raw   syscall.RawConn
	owner *Conn
	step  func(fd uintptr) bool       // w.advance, bound once
	read  func(p []byte) (int, error) // w.readNow, bound once
	ahead *ahead                      // what was read beyond what TLS asked for; nil between long answers

	holding bool   // writes are kept in queue
	queue   []byte // what TLS made of the request
	held    []byte // the request to send in the next read; nil for none

	probing bool // reads that would wait fail
	one     [1]byte

	// The read in progress.
	room []byte
	n    int
	err  error
}

// Write is TCP's, but for what is kept for the next read.
func (w *wire) Write(p []byte) (int, error) {
	if w.holding {
		w.queue = append(w.queue, p...)
		return len(p), nil
	}
	return w.TCPConn.Write(p)
}

func (w *wire) Read(p []byte) (int, error) {
	if w.ahead != nil {
		return w.ahead.read(p, w.read)
	}
	return w.readNow(p)
}

func (w *wire) readNow(p []byte) (int, error) {
	switch {
	case w.held != nil:
		return w.readHeld(p)
	case w.probing && w.owner.probe.Look(w.raw) == 0:
		return 0, errNothing
	}
	return w.TCPConn.Read(p)
}

// readHeld sends what is held when nothing can be read, and then waits for the answer.
func (w *wire) readHeld(p []byte) (int, error) {
	w.room, w.n, w.err = p, 0, nil
	err := w.raw.Read(w.step)
	w.room = nil
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
	n, again, err := socket.Read(fd, w.room)
	switch {
	case !again:
		w.n, w.err = n, err
		return true
	case w.held == nil:
		return false
	}
	request := w.held
	w.held = nil
	_, w.err = w.TCPConn.Write(request)
	return w.err != nil
}

// errNothing is a net.Error that crypto/tls takes for temporary.
var errNothing nothing

type nothing struct{}

func (nothing) Error() string   { return "nothing to read" }
func (nothing) Timeout() bool   { return true }
func (nothing) Temporary() bool { return true }
