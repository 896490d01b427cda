package relay_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"testing"
)

// gibibyte is moved in pieces of this many zeros.
const (
	gibibyte = 1 << 30
	piece    = 1 << 20
)

var zeros [piece]byte

func pour(w io.Writer, size int) {
	for sent := 0; sent < size; sent += piece {
		if _, err := w.Write(zeros[:]); err != nil {
			return
		}
	}
}

func TestAGibibyteEachWayTakesNoMemory(t *testing.T) {
	size := gibibyte
	if isRace {
		size >>= 3 // the detector is slow
	}
	length := fmt.Sprintf("Content-Length: %d\r\n\r\n", size)
	for _, kind := range []struct {
		name    string
		chunked bool
	}{{"spliced", false}, {"in chunks", true}} {
		t.Run(kind.name, func(t *testing.T) {
			received := make(chan int64, 1)
			a := start(t, script(t, func(p *peer) {
				r, err := http.ReadRequest(p.reader)
				if err != nil {
					return
				}
				n, _ := io.Copy(io.Discard, r.Body)
				received <- n
				head := "HTTP/1.1 200 OK\r\n"
				if !kind.chunked {
					p.write(head + length)
					pour(p, size)
					return
				}
				p.write(head + "Transfer-Encoding: chunked\r\n\r\n")
				pourChunks(p, size)
			}))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			c := dial(t, a)
			if kind.chunked {
				c.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
				pourChunks(c, size)
			} else {
				c.send("POST / HTTP/1.1\r\nHost: a\r\n" + length)
				pour(c, size)
			}
			if got := <-received; got != int64(size) {
				t.Fatalf("the service received %d bytes", got)
			}
			response, err := http.ReadResponse(c.reader, nil)
			if err != nil {
				t.Fatal(err)
			}
			if n, err := io.Copy(io.Discard, response.Body); n != int64(size) || err != nil {
				t.Fatalf("the client received %d bytes, %v", n, err)
			}
			runtime.ReadMemStats(&after)
			if grown := int64(after.TotalAlloc - before.TotalAlloc); grown > 4<<20 && !isRace { // with the detector, pools forget
				t.Errorf("%d bytes were allocated on the way", grown)
			}
		})
	}
}

// pourChunks sends zeros in chunks, and the end.
func pourChunks(w io.Writer, size int) {
	for sent := 0; sent < size; sent += piece {
		buffers := net.Buffers{fmt.Appendf(nil, "%x\r\n", piece), zeros[:], []byte("\r\n")}
		if _, err := buffers.WriteTo(w); err != nil {
			return
		}
	}
	_, _ = io.WriteString(w, "0\r\n\r\n")
}
