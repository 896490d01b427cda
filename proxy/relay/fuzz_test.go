package relay_test

import (
	"bufio"
	"bytes"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// forwarded is a request as the service got it, read by net/http.
type forwarded struct {
	request *http.Request
	body    string
	whole   bool
}

// recorder is a service that keeps what it got, and what of it net/http can not read.
type recorder struct {
	mutex  sync.Mutex
	got    []forwarded
	broken []error
}

func (r *recorder) play(p *peer) {
	_ = p.SetDeadline(time.Time{}) // a kept connection lasts as long as the fuzzing
	for {
		request, err := http.ReadRequest(p.reader)
		if err == io.EOF {
			return
		}
		if err != nil {
			r.add(forwarded{}, err)
			return
		}
		body, err := io.ReadAll(request.Body)
		r.add(forwarded{request, string(body), err == nil}, nil)
		if err != nil {
			return
		}
		p.write("HTTP/1.1 204 No Content\r\nForwarded-To: service\r\n\r\n")
	}
}

func (r *recorder) add(f forwarded, err error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if err != nil {
		r.broken = append(r.broken, err)
		return
	}
	r.got = append(r.got, f)
}

// take returns what was recorded, and starts anew.
func (r *recorder) take() (got []forwarded, broken []error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	got, broken = r.got, r.broken
	r.got, r.broken = nil, nil
	return got, broken
}

// FuzzExchange sends any bytes to a sidecar. What it forwards must be requests to net/http too, with the credential and no
// other, as many as were answered, and the first one must mean what net/http reads in the bytes themselves.
func FuzzExchange(f *testing.F) {
	for _, seed := range []string{
		get,
		"GET http://a/b?c=d&api_key=mine HTTP/1.1\r\nHost: a\r\nAuthorization: mine\r\n\r\n",
		"POST /a%2e HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\nHost: a\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nAuthorization: x\r\nX: y\r\n\r\nGET / HTTP/1.0\r\n\r\n",
		"PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close, x\r\nX: 1\r\n\r\nhi",
		"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade, authorization\r\nUpgrade: websocket\r\nTE: trailers\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"\r\nGET / HTTP/1.1\r\nHost: a\r\nX_Y: 1\r\nauthorization : z\r\n\r\n",
	} {
		f.Add([]byte(seed))
	}
	record := new(recorder)
	a := start(f, script(f, record.play), func(s *setup) {
		s.server.HeadTimeout = time.Second
		s.server.ClientIdle = 20 * time.Millisecond // an end that came together with a request is found by the lot
		s.config.Upstream.Timeouts = config.Timeouts{Response: config.Duration(time.Second), Idle: config.Duration(time.Second)}
	})
	f.Fuzz(func(t *testing.T, input []byte) {
		answers := exchangeAll(t, a, input)
		got, broken := record.take()
		for _, err := range broken {
			t.Errorf("net/http can not read what was forwarded: %v", err)
		}
		whole := 0
		for i := range got {
			checkForwarded(t, &got[i])
			if got[i].whole {
				whole++
			}
		}
		if answered := bytes.Count(answers, []byte("Forwarded-To: service\r\n")); answered != whole {
			t.Errorf("%d requests were forwarded whole, %d answered", whole, answered)
		}
		if len(got) > 0 && got[0].whole && bytes.HasPrefix(answers, []byte("HTTP/1.1 204 ")) {
			compareWithOriginal(t, input, &got[0])
		}
	})
}

var sources atomic.Uint32

// nextSource returns an address of this host that no connection was made from for a while. A client that closes first
// leaves its port taken for a minute: from one address, the ports are used up after half of that, and connecting takes
// longer and longer, to the point of stalls.
func nextSource() net.Addr {
	if runtime.GOOS != "linux" {
		return nil // others have one loopback address
	}
	n := sources.Add(1)
	return &net.TCPAddr{IP: net.IPv4(127, 1+byte(n>>16)%250, byte(n>>8), 1+byte(n)%250)}
}

// exchangeAll sends the input and returns all that is answered.
func exchangeAll(t *testing.T, a *ambassador, input []byte) (answers []byte) {
	t.Helper()
	dialer := net.Dialer{LocalAddr: nextSource()}
	conn, err := dialer.Dial("tcp", a.address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	_, _ = conn.Write(input) // it may be refused before its end
	_ = conn.(*net.TCPConn).CloseWrite()
	answers, err = io.ReadAll(conn)
	if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
		t.Errorf("the connection stays open after %q", answers)
	}
	return answers
}

func checkForwarded(t *testing.T, f *forwarded) {
	t.Helper()
	h := f.request.Header
	if got := h["Authorization"]; len(got) != 1 || got[0] != "Bearer s3cret" {
		t.Errorf("Authorization %q", got)
	}
	if got := f.request.URL.Query()["api_key"]; len(got) != 1 || got[0] != "s3cret" {
		t.Errorf("api_key %q in %q", got, f.request.RequestURI)
	}
	if f.request.ProtoMinor != 1 || f.request.Host == "" || len(h["Connection"]) > 1 {
		t.Errorf("%s, Host %q, Connection %q", f.request.Proto, f.request.Host, h["Connection"])
	}
	if _, found := f.request.Trailer["Authorization"]; found {
		t.Error("a trailer names the credential's field")
	}
	if strings.Contains(f.request.URL.Path, "/../") || strings.HasSuffix(f.request.URL.Path, "/..") {
		t.Errorf("path %q", f.request.URL.Path)
	}
}

// compareWithOriginal compares what was forwarded first with what net/http reads in the client's bytes, if it does.
func compareWithOriginal(t *testing.T, input []byte, f *forwarded) {
	t.Helper()
	original, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(input)))
	if err != nil {
		return // the verdicts are compared in package http1
	}
	body, err := io.ReadAll(original.Body)
	if err != nil || original.Method != f.request.Method || string(body) != f.body {
		t.Errorf("method %q, content %q, %v; forwarded %q, %q", original.Method, body, err, f.request.Method, f.body)
	}
	if original.URL.Path != f.request.URL.Path && original.URL.Path != "" {
		t.Errorf("path %q, forwarded %q", original.URL.Path, f.request.URL.Path)
	}
	for _, name := range endToEnd(original.Header) {
		if !slices.Equal(original.Header[name], f.request.Header[name]) {
			t.Errorf("%s: %q, forwarded %q", name, original.Header[name], f.request.Header[name])
		}
	}
	for name := range f.request.Header {
		if _, found := original.Header[name]; !found && name != "Authorization" && name != "Connection" {
			t.Errorf("%s: %q is not the client's", name, f.request.Header[name])
		}
	}
	wanted, forwarded := original.URL.Query(), f.request.URL.Query()
	compareQueries(t, wanted, forwarded)
}

// compareQueries compares parameters, but for those that count as the credential's.
func compareQueries(t *testing.T, wanted, forwarded url.Values) {
	t.Helper()
	for name := range wanted {
		if len(name) <= 16 && !strings.Contains(strings.ToLower(name), "key") && !slices.Equal(wanted[name], forwarded[name]) {
			t.Errorf("parameter %q: %q, forwarded %q", name, wanted[name], forwarded[name])
		}
	}
}

// endToEnd lists the fields that must go on: those that neither end at this hop nor are the credential's.
func endToEnd(h http.Header) []string {
	gone := map[string]bool{"Authorization": true, "Connection": true, "Proxy-Connection": true, "Keep-Alive": true, "Te": true, "Upgrade": true,
		"Transfer-Encoding": true, "Trailer": true, "Expect": true, "Host": true, "Content-Length": true, "Proxy-Authenticate": true,
		"Proxy-Authorization": true, "Proxy-Authentication-Info": true}
	for _, value := range h["Connection"] {
		for option := range strings.SplitSeq(value, ",") {
			gone[http.CanonicalHeaderKey(strings.TrimSpace(option))] = true
		}
	}
	return slices.DeleteFunc(slices.Collect(maps.Keys(h)), func(name string) bool { return gone[name] })
}
