package main

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"
)

// service is the upstream: two endpoints that remember together what they were asked.
type service struct {
	endpoints [2]*httptest.Server

	mutex    sync.Mutex // guards what follows
	chance   *rand.Rand
	seen     map[string]int // by the request's own number: how often it came
	twice    []string       // numbers of requests that came again although they must not
	received int
	again    int // requests that had come before
	retried  int // of them those that are being processed now
	most     int // of these at one time
	began    time.Time
}

// outcome is what becomes of a request.
type outcome int

const (
	answers outcome = iota
	resets
	waits
	breaksOff
	isLimited
	fails
	isUnavailable
)

func newService(seed uint64) *service {
	s := &service{chance: rand.New(rand.NewPCG(seed, 1)), seen: map[string]int{}, began: time.Now()}
	for i := range s.endpoints {
		s.endpoints[i] = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.serve(i, w, r) }))
	}
	return s
}

func (s *service) urls() (urls []string) {
	for i, e := range s.endpoints {
		urls = append(urls, e.URL+[]string{"/first", "/second"}[i])
	}
	return urls
}

func (s *service) close() {
	for _, e := range s.endpoints {
		e.Close()
	}
}

// enter takes note of a request, and decides what becomes of it.
func (s *service) enter(place int, r *http.Request) (what outcome, wait time.Duration, isRetry bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	number := r.Header.Get("X-Number")
	s.received++
	s.seen[number]++
	if isRetry = s.seen[number] > 1; isRetry {
		s.again++
		s.retried++
		s.most = max(s.most, s.retried)
		if r.Method == http.MethodPost && r.Header.Get("Idempotency-Key") == "" {
			s.twice = append(s.twice, number)
		}
	}
	// The first endpoint is down for four seconds of every twenty, and both are for two.
	if since := time.Since(s.began) % (20 * time.Second); place == 0 && since > 16*time.Second || since > 8*time.Second && since < 10*time.Second {
		return []outcome{resets, isUnavailable}[s.chance.IntN(2)], 0, isRetry
	}
	wait = time.Duration(s.chance.ExpFloat64() * float64(300*time.Millisecond))
	switch n := s.chance.IntN(1000); {
	case n < 60:
		return resets, 0, isRetry
	case n < 120:
		return waits, wait, isRetry
	case n < 140:
		return breaksOff, 0, isRetry
	case n < 150:
		return isLimited, 0, isRetry
	case n < 200:
		return fails, 0, isRetry
	case n < 250:
		return isUnavailable, 0, isRetry
	}
	return answers, 0, isRetry
}

func (s *service) leave(isRetry bool) {
	if isRetry {
		s.mutex.Lock()
		defer s.mutex.Unlock()
		s.retried--
	}
}

func (s *service) serve(place int, w http.ResponseWriter, r *http.Request) {
	what, wait, isRetry := s.enter(place, r)
	defer s.leave(isRetry)
	_, _ = io.Copy(io.Discard, r.Body)
	switch what {
	case resets:
		panic(http.ErrAbortHandler)
	case waits:
		pause(r.Context(), wait)
	case breaksOff:
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "half of it")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	case isLimited:
		w.Header().Set("Retry-After", []string{"0", "1", "soon", time.Now().Add(time.Second).UTC().Format(http.TimeFormat)}[place+len(r.Method)%3])
		w.WriteHeader(http.StatusTooManyRequests)
	case fails:
		w.WriteHeader(http.StatusInternalServerError)
	case isUnavailable:
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_, _ = io.WriteString(w, "what was asked for")
}

func pause(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
