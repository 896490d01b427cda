package proxy

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/VictoriaMetrics/metrics"
)

// sidecar is the running process.
type sidecar struct {
	options Options
	level   *slog.LevelVar
	logger  *slog.Logger
	metrics *metrics.Set
	loads   loads
	started time.Time
	failed  chan error // the first failure of a part

	mutex    sync.Mutex // guards what follows; held while a document is applied
	doors    map[int]*door
	services []*service // in the document's order
	raw      []byte     // of the document that was read last, good or bad
	loaded   time.Time  // of the document
	problem  error      // why the document that was read last is not the one that is served; nil: it is
	closing  bool
	leaving  sync.WaitGroup // of doors that a document has closed
}

// fail ends serve with the first error that it is called with.
func (s *sidecar) fail(err error) {
	select {
	case s.failed <- err:
	default:
	}
}

// folders lists what is watched: where the document lies, and where credentials do.
func (s *sidecar) folders() []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	folders := []string{filepath.Dir(s.options.ConfigFile)}
	if s.options.CredentialsFolder != "" {
		folders = append(folders, s.options.CredentialsFolder)
	}
	for _, service := range s.services {
		folders = append(folders, service.credentials.Folders()...)
	}
	return folders
}

// shutdown closes the doors and waits until requests in flight have ended or the grace time has passed.
func (s *sidecar) shutdown() {
	ctx, cancel := context.WithTimeout(context.Background(), max(s.options.Grace, 0))
	defer cancel()
	s.mutex.Lock()
	s.closing = true
	var doors sync.WaitGroup
	for _, d := range s.doors {
		doors.Go(func() { s.closeDoor(ctx, d) })
	}
	s.mutex.Unlock()
	doors.Wait()
	s.leaving.Wait()
	s.close()
	s.logger.Info("stopped")
}

// closeDoor lets requests in flight end within the context's time.
func (s *sidecar) closeDoor(ctx context.Context, d *door) {
	err := d.close(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		s.logger.Warn("requests in flight were cut off; a longer grace time would let them end", "port", d.port)
	}
}

// close lets go of what nobody uses any more.
func (s *sidecar) close() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	discard(s.services, nil)
}
