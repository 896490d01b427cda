package relay_test

import (
	"bytes"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// parrot is a service that reads requests without content and answers each with the same bytes, without allocating.
func parrot(tb testing.TB, answer string) (url string) {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go repeat(conn, []byte(answer))
		}
	}()
	return "http://" + listener.Addr().String()
}

func repeat(conn net.Conn, answer []byte) {
	defer conn.Close()
	room := make([]byte, 8<<10)
	for got := 0; ; {
		n, err := conn.Read(room[got:])
		if err != nil {
			return
		}
		if got += n; !bytes.HasSuffix(room[:got], []byte("\r\n\r\n")) {
			continue
		}
		got = 0
		if _, err := conn.Write(answer); err != nil {
			return
		}
	}
}

// headRoom is more than the head of any answer in these tests.
const headRoom = 1 << 10

// plainExchange returns a function that carries one request through a sidecar on loopback, without allocating itself.
func plainExchange(tb testing.TB, size int, changes ...func(*setup)) (exchange func()) {
	tb.Helper()
	answer := "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Mon, 23 Nov 2026 12:00:00 GMT\r\nServer: parrot\r\nContent-Length: " +
		itoa(size) + "\r\n\r\n" + strings.Repeat("x", size)
	a := start(tb, parrot(tb, answer), changes...)
	conn, err := net.Dial("tcp", a.address)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { conn.Close() })
	request := []byte("GET /movies?page=1 HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: test\r\nAccept: application/json\r\nAccept-Encoding: gzip\r\n\r\n")
	room := make([]byte, headRoom+size)
	return func() {
		if _, err := conn.Write(request); err != nil {
			tb.Fatal(err)
		}
		for got, end := 0, len(room); got < end; {
			n, err := conn.Read(room[got:])
			if err != nil {
				tb.Fatal(err)
			}
			got += n
			if i := bytes.Index(room[:min(got, headRoom)], []byte("\r\n\r\n")); i > 0 {
				end = i + 4 + size
			}
		}
	}
}

func TestThePlainPathDoesNotAllocate(t *testing.T) {
	if isRace {
		return // the race detector allocates by itself
	}
	exchange := plainExchange(t, 1024)
	for range 100 {
		exchange()
	}
	if got := testing.AllocsPerRun(2000, exchange); got != 0 {
		t.Errorf("%v allocations a request, want 0", got)
	}
}

func BenchmarkExchange(b *testing.B) {
	for _, size := range []int{1 << 10, 64 << 10, 10 << 20} {
		b.Run(itoa(size), func(b *testing.B) {
			exchange := plainExchange(b, size)
			exchange()
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				exchange()
			}
		})
	}
}

func BenchmarkHit(b *testing.B) {
	exchange := plainExchange(b, 1<<10, caching(config.CacheRule{OverrideTTL: config.Duration(time.Hour)}))
	exchange()
	b.ReportAllocs()
	for b.Loop() {
		exchange()
	}
}
