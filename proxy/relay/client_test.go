package relay_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// patience bounds what a test waits for on a connection.
const patience = 20 * time.Second

// client is a client that writes bytes as they are given.
type client struct {
	t testing.TB
	*net.TCPConn
	reader *bufio.Reader
}

func dial(t testing.TB, a *ambassador) *client {
	t.Helper()
	conn, err := net.Dial("tcp", a.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	return &client{t, conn.(*net.TCPConn), bufio.NewReader(conn)}
}

// answer is what a client got.
type answer struct {
	status  int
	header  http.Header
	trailer http.Header
	body    string
	err     error // of reading, head or body
}

func (c *client) send(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		c.t.Fatalf("writing the request: %v", err)
	}
}

// read reads one answer to a request of this method.
func (c *client) read(method string) answer {
	response, err := http.ReadResponse(c.reader, &http.Request{Method: method})
	if err != nil {
		return answer{err: err}
	}
	body, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, response.Trailer, string(body), err}
}

// do sends a request and reads the answer.
func (c *client) do(request string) answer {
	c.t.Helper()
	c.send(request)
	method, _, _ := strings.Cut(request, " ")
	return c.read(method)
}

// wantLine checks the next line, read as it comes.
func (c *client) wantLine(want string) {
	c.t.Helper()
	if line, err := c.reader.ReadString('\n'); err != nil || line != want {
		c.t.Fatalf("read %q, %v; want %q", line, err, want)
	}
}

// wantClosed checks that nothing comes any more and the connection is closed.
func (c *client) wantClosed() {
	c.t.Helper()
	rest, err := io.ReadAll(c.reader)
	if timeout, ok := err.(net.Error); len(rest) > 0 || ok && timeout.Timeout() {
		c.t.Errorf("read %q, %v; want a closed connection", rest, err)
	}
}

// wantProblem checks that the answer is the sidecar's own, with this status and code.
func (got answer) wantProblem(t *testing.T, status int, code string) {
	t.Helper()
	var problem struct {
		Type   string
		Status int
		Detail string
	}
	if err := json.Unmarshal([]byte(got.body), &problem); err != nil {
		t.Fatalf("status %d, body %q: %v (%v)", got.status, got.body, err, got.err)
	}
	if got.status != status || problem.Status != status || got.header.Get("Ambassador-Error") != code {
		t.Errorf("status %d, Ambassador-Error %q; want %d, %q", got.status, got.header.Get("Ambassador-Error"), status, code)
	}
	if problem.Type != "https://ambassador-operator.io/problems/"+code || problem.Detail == "" {
		t.Errorf("problem %+v", problem)
	}
	if got.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("Content-Type %q", got.header.Get("Content-Type"))
	}
}
