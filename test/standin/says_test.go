package standin

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

func TestSaysTheFieldsThatItIsGiven(t *testing.T) {
	request := httptest.NewRequest(http.MethodGet, `/stand-in/says?Cache-Control=max-age%3D60&Etag=%221%22&api_key=good`, nil)
	recorder := httptest.NewRecorder()
	wellService().ServeHTTP(recorder, request)
	header := recorder.Result().Header
	if header.Get("Cache-Control") != "max-age=60" || header.Get("Etag") != `"1"` || header.Get("Api_key") != "" || recorder.Code != http.StatusOK {
		t.Errorf("%d %v", recorder.Code, header)
	}
	request.Header.Set("If-None-Match", `"1"`)
	recorder = httptest.NewRecorder()
	if wellService().ServeHTTP(recorder, request); recorder.Code != http.StatusNotModified {
		t.Errorf("asked about, it answers %d", recorder.Code)
	}
}

func TestTellsPiecesWithPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		want := "200  " + numbers[0] + "\n" + numbers[1] + "\n" + numbers[2]
		if got := visit(t, wellService(), "/stand-in/lines?pause=2s"); got != want || time.Since(start) != 4*time.Second {
			t.Errorf("%q after %s", got, time.Since(start))
		}
		if got := visit(t, wellService(), "/stand-in/events?pause=soon"); got[:3] != "400" {
			t.Errorf("a pause that is none: %s", got)
		}
	})
}
