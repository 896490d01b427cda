package mapping

import (
	"context"
	"math"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// glance is the number of the interpreter's steps between two looks at the clock, and look that between two at the
	// heap, which costs about as much as twenty steps.
	glance = 64
	look   = 1024
	// charge is how many bytes a guarded step may make before the heap is looked at all the same.
	charge = 256 << 10
	// maxGrowth is by how many bytes the heap may grow while a program runs, where the process has no memory limit;
	// where it has one it is half of that.
	maxGrowth = 256 << 20
	// turn is how long a program runs before it lets others run for a moment: a program may take long, and other requests
	// have the same processor. Go's own way of doing so may come much later, as the relay's system calls do not wake it
	// (proxy/internal/socket).
	turn   = 5 * time.Millisecond
	moment = 20 * time.Microsecond
)

// meter is the context that the interpreter is given. It asks for Done before every step, so that this is where steps are
// counted: no timer and no goroutine is needed to end a program. It is used by one run alone.
type meter struct {
	context.Context
	ends    time.Time
	rests   time.Time // when others have their turn
	most    uint64    // of the heap, in bytes
	steps   int
	charged int
	done    chan struct{} // nil while the program may go on
	err     error
	sample  [1]metrics.Sample

	expressions map[[2]string]*expression // that were looked at
}

// closed is the channel of a run that is over.
var closed = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

func newMeter(ctx context.Context, timeout time.Duration) *meter {
	now := time.Now()
	m := &meter{Context: ctx, ends: now.Add(timeout), rests: now.Add(turn)}
	m.sample[0].Name = "/memory/classes/heap/objects:bytes"
	m.most = m.heap() + heapGrowth()
	return m
}

// heapGrowth is by how many bytes the heap may grow while a program runs.
func heapGrowth() uint64 {
	if limit := debug.SetMemoryLimit(-1); limit < math.MaxInt64 {
		return min(uint64(limit)/2, maxGrowth)
	}
	return maxGrowth
}

// heap returns the bytes of objects on the heap, garbage included.
func (m *meter) heap() uint64 {
	metrics.Read(m.sample[:])
	return m.sample[0].Value.Uint64()
}

// Done implements context.Context.
func (m *meter) Done() <-chan struct{} {
	if m.steps++; m.steps%glance == 0 {
		m.glance()
	}
	return m.done
}

// Err implements context.Context.
func (m *meter) Err() error { return m.err }

func (m *meter) glance() {
	now := time.Now()
	if now.After(m.rests) {
		time.Sleep(moment) //nolint:forbidigo // nothing is waited for: others get the processor
		m.rests = now.Add(turn)
	}
	switch {
	case m.err != nil:
	case m.Context.Err() != nil:
		m.end(m.Context.Err())
	case now.After(m.ends):
		m.end(ErrTimeout)
	case m.steps%look == 0:
		m.look()
	}
}

// look ends the run where the heap has grown too far.
func (m *meter) look() {
	if m.heap() > m.most {
		m.end(ErrMemory)
	}
}

// allow is called by a guarded step with about how many bytes it makes. It refuses what would let the heap grow too far,
// which ends the run.
func (m *meter) allow(bytes int) error {
	if m.charged += bytes; m.charged <= charge {
		return nil
	}
	m.charged = 0
	if m.heap()+uint64(bytes) > m.most {
		m.end(ErrMemory)
		return ErrMemory
	}
	return nil
}

// end stops the run before its next step.
func (m *meter) end(err error) { m.err, m.done = err, closed }
