package watch

import (
	"cmp"
	"context"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// The times that a Watcher takes where its fields are zero.
const (
	defaultSettle      = 50 * time.Millisecond
	defaultPoll        = 10 * time.Second
	defaultPollUnaided = 2 * time.Second // where notifications can not be had
)

// Watcher calls a function when files may have changed.
type Watcher struct {
	// Folders returns the folders to watch. It is asked again at every call of Changed, which may make others matter.
	// Those that do not exist yet are taken up when they do.
	Folders func() []string
	// Changed is called from Run's goroutine, so never twice at a time, and once when Run begins.
	Changed func()
	// Settle is the time from a notification to the call. Others that come meanwhile are part of it, so that a stream of
	// changes makes a stream of calls at this distance. Zero: 50ms.
	Settle time.Duration
	// Poll is the longest time between two calls. Zero: 10s, or 2s where notifications can not be had.
	Poll time.Duration
	// Logger takes a record when notifications can not be had. Nil: none.
	Logger *slog.Logger
}

// Run watches until the context ends.
func (w *Watcher) Run(ctx context.Context) {
	notifications, err := fsnotify.NewWatcher()
	if err != nil {
		if w.Logger != nil {
			w.Logger.Warn("changes of files are found by the clock alone", "error", err)
		}
		w.loop(ctx, nil, nil, nil, cmp.Or(w.Poll, defaultPollUnaided))
		return
	}
	defer notifications.Close()
	w.loop(ctx, notifications, notifications.Events, notifications.Errors, cmp.Or(w.Poll, defaultPoll))
}

func (w *Watcher) loop(ctx context.Context, n *fsnotify.Watcher, events <-chan fsnotify.Event, overflows <-chan error, poll time.Duration) {
	settle := cmp.Or(w.Settle, defaultSettle)
	timer := time.NewTimer(0)
	defer timer.Stop()
	due := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			wait := poll
			if w.change(n) {
				wait = settle
			}
			due = time.Now().Add(wait)
			timer.Reset(wait)
			continue
		case <-events:
		case <-overflows: //nolint:errcheck // it says that events were lost: any file may have changed
		}
		if soon := time.Now().Add(settle); soon.Before(due) {
			due = soon
			timer.Reset(settle)
		}
	}
}

// change calls Changed between two looks at the folders. It reports whether the second found more of them: what changed
// in those before they were watched is still to be seen.
func (w *Watcher) change(n *fsnotify.Watcher) (more bool) {
	before := w.add(n)
	w.Changed()
	return w.add(n) > before
}

// add watches the folders and returns how many are watched. A folder that is watched already stays so; one that was
// removed and made again is taken up. Of one that is not there the parent is watched, which tells when it comes.
func (w *Watcher) add(n *fsnotify.Watcher) int {
	if n == nil {
		return 0
	}
	for _, folder := range w.Folders() {
		if err := n.Add(folder); err != nil { // when both fail, the clock has to do
			_ = n.Add(filepath.Dir(folder))
		}
	}
	return len(n.WatchList())
}
