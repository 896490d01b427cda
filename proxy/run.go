package proxy

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/ambassador-operator/ambassador-operator/proxy/admin"
	"github.com/ambassador-operator/ambassador-operator/proxy/watch"
)

// Options says what a sidecar runs on.
type Options struct {
	// ConfigFile is the document.
	ConfigFile string
	// CredentialsFolder holds one folder per Secret, one file per key.
	CredentialsFolder string
	// AdminAddress is where health, metrics and status are served, such as "127.0.0.1:15901". Empty: nowhere.
	AdminAddress string
	// Grace bounds how long requests in flight may take after the context has ended. Zero or less: none.
	Grace time.Duration
	// Log takes the log, JSON lines. Nil: standard error.
	Log io.Writer
	// Version is shown in metrics and status. Empty: "unknown".
	Version string
}

// Run serves until the context ends, and then until requests in flight are done, at most the grace time. Its error says
// why it could not begin or go on, such as an invalid document or a port that is taken; it is nil after the context ended.
func Run(ctx context.Context, options Options) error {
	s := newSidecar(options)
	document, err := s.read()
	if err != nil {
		return err
	}
	var adminListener net.Listener
	if options.AdminAddress != "" {
		if adminListener, err = listen("tcp", options.AdminAddress); err != nil {
			return fmt.Errorf("ambassador: admin: %w", err)
		}
		defer adminListener.Close()
	}
	if err := s.apply(document); err != nil {
		s.close()
		return err
	}
	return s.serve(ctx, adminListener)
}

func newSidecar(options Options) *sidecar {
	level := new(slog.LevelVar)
	options.Version = cmp.Or(options.Version, "unknown")
	if options.Log == nil {
		options.Log = os.Stderr
	}
	s := &sidecar{
		options: options,
		level:   level,
		logger:  slog.New(slog.NewJSONHandler(options.Log, &slog.HandlerOptions{Level: level})),
		metrics: metrics.NewSet(),
		started: time.Now(),
		doors:   map[int]*door{},
		failed:  make(chan error, 1),
	}
	s.count()
	return s
}

// serve runs everything that goes on until the context ends or a part fails.
func (s *sidecar) serve(ctx context.Context, adminListener net.Listener) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var running sync.WaitGroup
	watcher := watch.Watcher{Folders: s.folders, Changed: s.reload, Logger: s.logger}
	running.Go(func() { watcher.Run(ctx) })
	adminContext, stopAdmin := context.WithCancel(context.WithoutCancel(ctx))
	defer stopAdmin()
	if adminListener != nil {
		running.Go(func() {
			if err := admin.Serve(adminContext, adminListener, s.handler()); err != nil {
				s.fail(fmt.Errorf("ambassador: admin: %w", err))
			}
		})
	}
	s.logger.Info("serving", "version", s.options.Version, "listeners", s.addresses())
	debug.FreeOSMemory()                                   // what loading took is not needed again
	defer time.AfterFunc(time.Second, releasePages).Stop() // not while the first requests may need them

	var err error
	select {
	case <-ctx.Done():
	case err = <-s.failed:
	}
	stop(nil)
	s.shutdown()
	stopAdmin() // last, so that health is answered while requests end
	running.Wait()
	return err
}
