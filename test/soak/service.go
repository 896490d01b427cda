package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
)

// service is the upstream. It accepts the newest credential and the one before, as services do during a rotation.
type service struct {
	*httptest.Server
	newest, before atomic.Pointer[string]
	refused        atomic.Int64
	body           []byte
}

func newService() *service {
	s := &service{body: make([]byte, 1024)}
	s.Server = httptest.NewServer(s)
	return s
}

// accept takes a new credential into use.
func (s *service) accept(token string) {
	s.before.Store(s.newest.Load())
	s.newest.Store(&token)
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	shown := r.Header.Get("Authorization")
	newest, before := s.newest.Load(), s.before.Load()
	if shown != "Bearer "+*newest && (before == nil || shown != "Bearer "+*before) {
		s.refused.Add(1)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	_, _ = w.Write(s.body)
}
