package socket_test

import (
	"os"
	"testing"

	"github.com/ambassador-operator/ambassador-operator/proxy/internal/socket"
)

// A pipe holds up to 1 MiB of the kernel's memory: those of moves that fail must not wait for a collection.
func TestMovesThatFailLeaveNothingOpen(t *testing.T) {
	const moves = 20
	before := descriptors(t)
	for range moves {
		from, source := pair(t)
		to, sink := pair(t)
		go func() {
			_, _ = source.Write(long) // it fails when the move has
		}()
		ended := make(chan error, 1)
		go func() {
			_, err := socket.Move(to, from, -1)
			ended <- err
		}()
		if _, err := sink.Read(make([]byte, 1)); err != nil { // it is under way
			t.Fatal(err)
		}
		if err := reset(nil, sink); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; err == nil {
			t.Fatal("a move to nobody did not fail")
		}
		source.Close()
		from.Close()
		to.Close()
	}
	if after := descriptors(t); after >= before+moves {
		t.Errorf("%d descriptors are open after %d moves, %d before", after, moves, before)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(open)
}
