package standin

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// visit asks the handler, and returns the answer's status, Retry-After and content.
func visit(t *testing.T, handler http.Handler, target string) string {
	t.Helper()
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, target, nil))
	answer := recorder.Result()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(answer.Status[:3] + " " + answer.Header.Get("Retry-After") + " " + string(content))
}

func wellService() http.Handler {
	keys := func() ([]string, error) { return []string{"good"}, nil }
	return BadDays(keys, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "well") }))
}

func TestBadDayLastsAsManyCallsAsItIsGiven(t *testing.T) {
	service := wellService()
	for i, step := range []struct{ target, want string }{
		{"/films", "200  well"},
		{"/stand-in/bad-day?calls=2&status=429&retry-after=7", "204"},
		{"/films", "429 7 having a bad day"},
		{"/stand-in/calls", "200  2"},
		{"/films", "429 7 having a bad day"},
		{"/films", "200  well"},
		{"/stand-in/bad-day?calls=9&status=500", "204"},
		{"/stand-in/bad-day?calls=0", "204"},
		{"/films", "200  well"},
		{"/stand-in/calls", "200  5"},
	} {
		if got := visit(t, service, step.target); got != step.want {
			t.Errorf("step %d, %s: %q, want %q", i, step.target, got, step.want)
		}
	}
}

func TestBadDayThatIsNotUnderstoodIsRefused(t *testing.T) {
	for _, query := range []string{"", "calls=-1", "calls=many", "calls=1&status=99", "calls=1&delay=2", "calls=1&hang-up=maybe"} {
		if got := visit(t, wellService(), "/stand-in/bad-day?"+query); !strings.HasPrefix(got, "400") {
			t.Errorf("%q: %s", query, got)
		}
	}
}

func TestSlowCallIsAnsweredLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := wellService()
		visit(t, service, "/stand-in/bad-day?calls=1&delay=2s")
		start := time.Now()
		if got := visit(t, service, "/films"); got != "200  well" || time.Since(start) != 2*time.Second {
			t.Errorf("%q after %s", got, time.Since(start))
		}
	})
}

func TestHungUpCallGetsNoAnswer(t *testing.T) {
	service := wellService()
	visit(t, service, "/stand-in/bad-day?calls=1&hang-up=true")
	server := httptest.NewServer(service)
	defer server.Close()
	answer, err := server.Client().Post(server.URL, "text/plain", strings.NewReader("a film")) // a GET is sent again
	if err == nil {
		_ = answer.Body.Close()
		t.Errorf("answered %s", answer.Status)
	}
}

func TestLastCallIsToldWithoutItsKey(t *testing.T) {
	service := wellService()
	request := httptest.NewRequest(http.MethodPost, "/films?key=good", strings.NewReader("a film"))
	request.Header.Set("X-Key", "good one")
	request.Header.Set("Accept", "text/plain")
	service.ServeHTTP(httptest.NewRecorder(), request)
	want := "200  POST /films?key=*** HTTP/1.1\nAccept: text/plain\nX-Key: *** one\n\na film"
	if got := visit(t, service, "/stand-in/last"); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
