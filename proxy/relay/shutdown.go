package relay

import (
	"context"
	"time"
)

// Shutdown stops accepting, closes idle connections, and waits until the requests in flight are answered. When the context
// ends first it cuts those that are left, and returns the context's error.
func (s *Server) Shutdown(ctx context.Context) error {
	s.drain()
	defer s.halt()
	select {
	case <-s.empty:
		return nil
	case <-ctx.Done():
		s.abort()
		return ctx.Err()
	}
}

// abort cuts connections until there are none. One may begin to wait for something just after it was looked at.
func (s *Server) abort() {
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		s.each((*conn).abort)
		select {
		case <-s.empty:
			return
		case <-again.C:
		}
	}
}

func (s *Server) drain() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.draining.Store(true)
	for listener := range s.listeners {
		listener.Close()
	}
	for _, c := range s.conns {
		if word := c.wait.word.Load(); phaseOf(word) == idling || phaseOf(word) == parked {
			s.watcher.end(c, &c.wait, word)
		}
	}
	s.closeIfEmpty()
}

func (s *Server) halt() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	select {
	case <-s.stop:
	default:
		close(s.stop)
		if s.lot != nil {
			s.lot.close()
		}
	}
}

// abort ends whatever the connection waits for.
func (c *conn) abort() {
	c.gone.Store(true)
	c.interrupt(tunnelling, c.up.Load(), c.cancel.Load())
}
