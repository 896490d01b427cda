package proxy

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// loads counts what became of documents.
type loads struct{ changed, failed *metrics.Counter }

// read reads the document and parses it. Only the bytes are kept, for the next reading to compare.
func (s *sidecar) read() (*config.Document, error) {
	raw, err := readDocument(s.options.ConfigFile)
	s.raw = raw
	if err != nil {
		return nil, fmt.Errorf("ambassador: reading the document: %w", err)
	}
	document, err := config.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("ambassador: %s is refused:\n%w", s.options.ConfigFile, err)
	}
	return document, nil
}

// readDocument reads no more than what is certain to be too much.
func readDocument(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, config.MaxDocument+1))
}

// reload takes in what has changed: the document when its bytes have, and credentials in any case.
func (s *sidecar) reload() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.closing {
		return
	}
	switch err := s.reloadDocument(); {
	case err == nil:
		s.problem = nil
	case s.problem == nil || s.problem.Error() != err.Error():
		s.problem = err
		s.loads.failed.Inc()
		s.logger.Error("the document can not be used; the last good one is served", "error", err)
	}
	for _, service := range s.services {
		service.credentials.Load()
	}
}

// reloadDocument swaps in the document when it differs from the one that was read last, or that one was not served.
func (s *sidecar) reloadDocument() error {
	last := s.raw
	document, err := s.read()
	if err != nil {
		return err
	}
	if s.problem == nil && bytes.Equal(s.raw, last) {
		return nil
	}
	if err := s.applyLocked(document); err != nil {
		return err
	}
	s.logger.Info("document loaded", "ambassadors", len(document.Ambassadors))
	return nil
}

// apply makes the document the one that is served, whole or not at all.
func (s *sidecar) apply(document *config.Document) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.applyLocked(document)
}

func (s *sidecar) applyLocked(document *config.Document) error {
	services, err := s.compile(document)
	if err != nil {
		return fmt.Errorf("ambassador: %w", err)
	}
	ports := ports(services)
	opened, err := s.open(services, ports)
	if err != nil {
		discard(services, s.services)
		return fmt.Errorf("ambassador: %w", err)
	}
	s.setLevel(document.LogLevel)
	s.enter(ports, opened)
	discard(s.services, services)
	s.services, s.loaded = services, time.Now()
	for _, service := range services {
		service.upstream.SetAsker(service.relay.Probe)
	}
	s.loads.changed.Inc()
	return nil
}

// setLevel follows the document's log level, which is one of slog's names or empty.
func (s *sidecar) setLevel(level config.LogLevel) {
	parsed := slog.LevelInfo
	_ = parsed.UnmarshalText([]byte(level))
	s.level.Set(parsed)
}
