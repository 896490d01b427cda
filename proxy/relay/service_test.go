package relay_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// serveHTTP is a service that speaks HTTP as net/http does.
func serveHTTP(tb testing.TB, handler http.HandlerFunc) *httptest.Server {
	tb.Helper()
	server := httptest.NewServer(handler)
	tb.Cleanup(server.Close)
	return server
}
