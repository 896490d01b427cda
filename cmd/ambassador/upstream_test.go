package main_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// upstream is a service that checks the token it is shown.
type upstream struct {
	*httptest.Server
	mutex    sync.Mutex
	accepted []string
	last     string
}

func newUpstream(t *testing.T, accepted ...string) *upstream {
	t.Helper()
	u := &upstream{accepted: accepted}
	u.Server = httptest.NewServer(http.HandlerFunc(u.answer))
	t.Cleanup(u.Close)
	return u
}

func (u *upstream) answer(w http.ResponseWriter, r *http.Request) {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	u.mutex.Lock()
	u.last = token
	allowed := len(u.accepted) == 0
	for _, accepted := range u.accepted {
		allowed = allowed || token == accepted
	}
	u.mutex.Unlock()
	if !allowed {
		http.Error(w, "who are you?", http.StatusUnauthorized)
		return
	}
	fmt.Fprintf(w, "%s %s", r.Method, r.URL.Path)
}

func (u *upstream) accept(tokens ...string) {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	u.accepted = tokens
}

// seen returns the token of the last request.
func (u *upstream) seen() string {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	return u.last
}
