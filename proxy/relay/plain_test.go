package relay_test

import (
	"bytes"
	"crypto/tls"
	"net"
	"net/http/httptest"
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
	go repeatAll(listener, answer)
	return "http://" + listener.Addr().String()
}

// secureParrot is a parrot that speaks TLS.
func secureParrot(tb testing.TB, answer string) (url string) {
	tb.Helper()
	lender := httptest.NewTLSServer(nil)
	certificates := lender.TLS.Certificates
	lender.Close()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: certificates, DynamicRecordSizingDisabled: true})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { listener.Close() })
	go repeatAll(listener, answer)
	return "https://" + listener.Addr().String()
}

func repeatAll(listener net.Listener, answer string) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go repeat(conn, []byte(answer))
	}
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
	ask, hear := plainClient(tb, start(tb, parrot(tb, parrotAnswer(size)), changes...), size)
	return func() {
		ask()
		hear()
	}
}

// parrotAnswer has content of a size.
func parrotAnswer(size int) string {
	return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Mon, 23 Nov 2026 12:00:00 GMT\r\nServer: parrot\r\nContent-Length: " +
		itoa(size) + "\r\n\r\n" + strings.Repeat("x", size)
}

// plainClient connects, and returns what sends a request and what reads the answer to it, neither of which allocates.
func plainClient(tb testing.TB, a *ambassador, size int) (ask, hear func()) {
	tb.Helper()
	conn, err := net.Dial("tcp", a.address)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { conn.Close() })
	request := []byte("GET /movies?page=1 HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: test\r\nAccept: application/json\r\nAccept-Encoding: gzip\r\n\r\n")
	room := make([]byte, headRoom+size)
	ask = func() {
		if _, err := conn.Write(request); err != nil {
			tb.Fatal(err)
		}
	}
	hear = func() {
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
	return ask, hear
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

// BenchmarkManySecureExchanges has 32 clients ask at once, over TLS to the service.
func BenchmarkManySecureExchanges(b *testing.B) {
	for _, size := range []int{1 << 10, 64 << 10} {
		b.Run(itoa(size), func(b *testing.B) {
			a := start(b, secureParrot(b, parrotAnswer(size)), func(s *setup) { s.config.Upstream.TLS = &config.TLS{InsecureSkipVerify: true} })
			var asks, hears [32]func()
			for i := range asks {
				asks[i], hears[i] = plainClient(b, a, size)
			}
			b.SetBytes(int64(size * len(asks)))
			b.ReportAllocs()
			for b.Loop() {
				for _, ask := range asks {
					ask()
				}
				for _, hear := range hears {
					hear()
				}
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
