package socket_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/internal/socket"
)

// long is more than the kernel keeps for two sockets and a pipe.
var long = bytes.Repeat([]byte("0123456789abcdef"), 1<<20)

// pair returns both ends of a connection.
func pair(t *testing.T) (ours *socket.Conn, theirs *net.TCPConn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	dialled, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		dialled.Close()
		accepted.Close()
	})
	if ours, err = socket.NewConn(accepted.(*net.TCPConn)); err != nil {
		t.Fatal(err)
	}
	return ours, dialled.(*net.TCPConn)
}

// collect reads a connection to its end, in a goroutine.
func collect(conn io.Reader) (result func() ([]byte, error)) {
	type whole struct {
		content []byte
		err     error
	}
	done := make(chan whole, 1)
	go func() {
		content, err := io.ReadAll(conn)
		done <- whole{content, err}
	}()
	return func() ([]byte, error) {
		got := <-done
		return got.content, got.err
	}
}

func wantWhole(t *testing.T, result func() ([]byte, error), want []byte) {
	t.Helper()
	if got, err := result(); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes and %v arrived, want the %d that were sent", len(got), err, len(want))
	}
}

func TestConnWritesWhatHasNoRoomAtOnce(t *testing.T) {
	ours, theirs := pair(t)
	result := collect(theirs)
	if n, err := ours.Write(long); n != len(long) || err != nil {
		t.Errorf("Write: %d, %v", n, err)
	}
	ours.Close()
	wantWhole(t, result, long)
}

func TestConnReadsToTheEnd(t *testing.T) {
	ours, theirs := pair(t)
	result := collect(ours)
	if _, err := theirs.Write(long); err != nil {
		t.Fatal(err)
	}
	theirs.Close()
	wantWhole(t, result, long)
}

func TestConnReadsAsAReaderDoes(t *testing.T) {
	ours, theirs := pair(t)
	if _, err := theirs.Write(long[:4096]); err != nil {
		t.Fatal(err)
	}
	theirs.Close()
	if err := iotest.TestReader(ours, long[:4096]); err != nil {
		t.Error(err)
	}
}

func TestConnEndsWithTheDeadlineOrTheConnection(t *testing.T) {
	past := time.Unix(1, 0)
	for name, tt := range map[string]struct {
		act  func(ours *socket.Conn) error
		end  func(ours *socket.Conn, theirs *net.TCPConn) error
		want error
	}{
		"read, deadline":  {read, func(ours *socket.Conn, _ *net.TCPConn) error { return ours.SetReadDeadline(past) }, os.ErrDeadlineExceeded},
		"write, deadline": {writeForever, func(ours *socket.Conn, _ *net.TCPConn) error { return ours.SetWriteDeadline(past) }, os.ErrDeadlineExceeded},
		"read, closed":    {read, func(ours *socket.Conn, _ *net.TCPConn) error { return ours.Close() }, net.ErrClosed},
		"write, closed":   {writeForever, func(ours *socket.Conn, _ *net.TCPConn) error { return ours.Close() }, net.ErrClosed},
		"read, reset":     {read, reset, syscall.ECONNRESET},
		"write, reset":    {writeForever, reset, syscall.ECONNRESET},
		"read, finished":  {read, func(_ *socket.Conn, theirs *net.TCPConn) error { return theirs.CloseWrite() }, io.EOF},
	} {
		t.Run(name, func(t *testing.T) {
			ours, theirs := pair(t)
			ended := make(chan error, 1)
			go func() { ended <- tt.act(ours) }()
			if err := tt.end(ours, theirs); err != nil {
				t.Fatal(err)
			}
			if err := <-ended; !errors.Is(err, tt.want) {
				t.Errorf("%v, want %v", err, tt.want)
			}
		})
	}
}

func read(ours *socket.Conn) error {
	_, err := ours.Read(make([]byte, 1))
	return err
}

func writeForever(ours *socket.Conn) error {
	for {
		if _, err := ours.Write(long); err != nil {
			return err
		}
	}
}

func reset(_ *socket.Conn, theirs *net.TCPConn) error {
	if err := theirs.SetLinger(0); err != nil {
		return err
	}
	return theirs.Close()
}

func TestMove(t *testing.T) { testMove(t, socket.Move) }

func TestMoveWithoutTheKernel(t *testing.T) { testMove(t, socket.Carry) }

func testMove(t *testing.T, move func(to, from *socket.Conn, n int64) (int64, error)) {
	const all = -1
	for name, tt := range map[string]struct {
		n     int64
		moved int64
	}{
		"all":               {all, int64(len(long))},
		"nothing":           {0, 0},
		"a part":            {1<<20 + 1, 1<<20 + 1},
		"just what is sent": {int64(len(long)), int64(len(long))},
		"more than is sent": {int64(len(long)) + 1, int64(len(long))},
	} {
		t.Run(name, func(t *testing.T) {
			from, source := pair(t)
			to, sink := pair(t)
			result := collect(sink)
			sent := make(chan error, 1)
			go func() {
				_, err := source.Write(long)
				sent <- errors.Join(err, source.CloseWrite())
			}()
			if moved, err := move(to, from, tt.n); moved != tt.moved || err != nil {
				t.Errorf("moved %d, %v; want %d", moved, err, tt.moved)
			}
			to.Close()
			wantWhole(t, result, long[:tt.moved])
			from.Close()
			if err := <-sent; tt.moved == int64(len(long)) && err != nil {
				t.Error(err)
			}
		})
	}
}

// What follows a move is what comes next, whatever of it had arrived.
func TestMoveTakesNoMoreThanItIsAskedFor(t *testing.T) {
	from, source := pair(t)
	to, sink := pair(t)
	if _, err := source.Write([]byte("first,second")); err != nil {
		t.Fatal(err)
	}
	if moved, err := socket.Move(to, from, 6); moved != 6 || err != nil {
		t.Fatalf("moved %d, %v", moved, err)
	}
	rest := make([]byte, 6)
	if _, err := io.ReadFull(from, rest); err != nil || string(rest) != "second" {
		t.Errorf("%q, %v is left", rest, err)
	}
	if _, err := io.ReadFull(sink, rest); err != nil || string(rest) != "first," {
		t.Errorf("%q, %v arrived", rest, err)
	}
}

func TestMoveEndsWithEitherConnection(t *testing.T) {
	past := time.Unix(1, 0)
	for name, tt := range map[string]struct {
		end  func(from, to *socket.Conn, source, sink *net.TCPConn) error
		want error
	}{
		"reader's deadline": {func(from, _ *socket.Conn, _, sink *net.TCPConn) error {
			collect(sink) // a move that waits for room does not look at what it reads from
			return from.SetReadDeadline(past)
		}, os.ErrDeadlineExceeded},
		"writer's deadline": {func(_, to *socket.Conn, _, _ *net.TCPConn) error { return to.SetWriteDeadline(past) }, os.ErrDeadlineExceeded},
		"source gone": {func(_, _ *socket.Conn, source, sink *net.TCPConn) error {
			collect(sink)
			return reset(nil, source)
		}, syscall.ECONNRESET},
		"sink gone": {func(_, _ *socket.Conn, _, sink *net.TCPConn) error { return reset(nil, sink) }, syscall.ECONNRESET},
	} {
		t.Run(name, func(t *testing.T) {
			from, source := pair(t)
			to, sink := pair(t)
			go func() { // until its connection ends, so that there is always something to move
				for {
					if _, err := source.Write(long); err != nil {
						return
					}
				}
			}()
			ended := make(chan error, 1)
			go func() {
				_, err := socket.Move(to, from, -1)
				ended <- err
			}()
			if _, err := io.ReadFull(sink, make([]byte, 1<<20)); err != nil { // it is under way
				t.Fatal(err)
			}
			if err := tt.end(from, to, source, sink); err != nil {
				t.Fatal(err)
			}
			err := <-ended
			if errors.Is(err, syscall.EPIPE) { // what a writer is told of a reset, the second time
				err = syscall.ECONNRESET
			}
			if !errors.Is(err, tt.want) {
				t.Errorf("%v, want %v", err, tt.want)
			}
		})
	}
}
