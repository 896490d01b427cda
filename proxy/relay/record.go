package relay

import (
	"context"
	"log/slog"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// record counts an exchange that has ended, and logs it where that is asked for.
func (s *Service) record(x *exchange) {
	took := now() - x.start
	if !x.conn.isAlone {
		s.counters.count(x.match.Route, x.req.Method, x.status, took.Seconds())
	}
	code := ""
	if x.failure != nil {
		p := problemOf(x.failure)
		code = p.code
		if p.upstream {
			s.counters.failed(code)
		}
	}
	switch {
	case s.accessLog == config.AccessLogAll:
	case s.accessLog == config.AccessLogErrors && (x.failure != nil || x.status >= 500):
	default:
		return
	}
	s.log(x, took, code)
}

// log writes one line. The query is left out, as credentials live there; so is what a request that was refused as
// malformed has in place of a path.
func (s *Service) log(x *exchange, took time.Duration, code string) {
	level := slog.LevelInfo
	attributes := make([]slog.Attr, 0, 8)
	attributes = append(attributes, slog.String("ambassador", s.Name), slog.Int("status", x.status), slog.Duration("took", took))
	if x.arrived > 0 {
		attributes = append(attributes, slog.String("method", string(x.req.Method)), slog.String("path", string(x.req.Path)))
	}
	if x.match.Route != nil {
		attributes = append(attributes, slog.String("route", x.match.Route.Name))
	}
	if x.again.attempts > 1 {
		attributes = append(attributes, slog.Int("attempts", x.again.attempts))
	}
	if x.failure != nil {
		level = slog.LevelWarn
		attributes = append(attributes, slog.String("problem", code), slog.String("error", x.failure.Error()))
	}
	s.logger.LogAttrs(context.Background(), level, "request", attributes...)
}
