package http1

import (
	"bytes"
	"strings"
	"testing"
)

// typicalRequest has ten fields, as a client library sends them.
const typicalRequest = "GET /movies/popular?language=en-US&page=1 HTTP/1.1\r\n" +
	"Host: localhost:8080\r\n" +
	"User-Agent: acme-catalogue/3.14 (linux; amd64) python-requests/2.32.3\r\n" +
	"Accept: application/json, text/plain;q=0.9, */*;q=0.8\r\n" +
	"Accept-Encoding: gzip, deflate, br, zstd\r\n" +
	"Accept-Language: en-US,en;q=0.5\r\n" +
	"Connection: keep-alive\r\n" +
	"Content-Type: application/json; charset=utf-8\r\n" +
	"Content-Length: 27\r\n" +
	"X-Request-Id: 7f9c24e8-3b12-4fef-91e0-56a2d5a43b11\r\n" +
	"Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n"

// typicalResponse has ten fields, as a JSON API behind a content delivery network sends them.
const typicalResponse = "HTTP/1.1 200 OK\r\n" +
	"Content-Type: application/json;charset=utf-8\r\n" +
	"Transfer-Encoding: chunked\r\n" +
	"Connection: keep-alive\r\n" +
	"Date: Tue, 05 Aug 2025 09:12:44 GMT\r\n" +
	"Server: openresty\r\n" +
	"Cache-Control: public, max-age=21600\r\n" +
	"Vary: Accept-Encoding,Origin\r\n" +
	"Etag: W/\"c0fbd3b1a6b2f1b9c2f0e5d4a3b2c1d0\"\r\n" +
	"X-Cache: Miss from cloudfront\r\n" +
	"Via: 1.1 9d2ffdc2c1f05a3d9f4a7fd1ae2b4a3c.cloudfront.net (CloudFront)\r\n\r\n"

func BenchmarkRequestHead(b *testing.B) {
	head := []byte(typicalRequest)
	var r Request
	b.ReportAllocs()
	b.SetBytes(int64(len(head)))
	for b.Loop() {
		n, err := FindRequestHead(head, 0)
		if err != nil {
			b.Fatal(err)
		}
		if err := r.Parse(head[:n]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkResponseHead(b *testing.B) {
	head, method := []byte(typicalResponse), []byte("GET")
	var r Response
	b.ReportAllocs()
	b.SetBytes(int64(len(head)))
	for b.Loop() {
		n, err := FindResponseHead(head, 0)
		if err != nil {
			b.Fatal(err)
		}
		if err := r.Parse(head[:n], method); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFindRequestHead(b *testing.B) {
	head := []byte(typicalRequest)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := FindRequestHead(head, 0); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendFields(b *testing.B) {
	var r Request
	if err := r.Parse([]byte(typicalRequest)); err != nil {
		b.Fatal(err)
	}
	dst := make([]byte, 0, MaxHead)
	b.ReportAllocs()
	for b.Loop() {
		dst = AppendRequestLine(dst[:0], r.Method, r.Target)
		dst = AppendFields(dst, r.Fields)
		dst = AppendContentLength(dst, r.Length)
	}
}

func BenchmarkChunked(b *testing.B) {
	for name, size := range map[string]int{"16B": 16, "1KiB": 1 << 10, "16KiB": 16 << 10} {
		b.Run(name, func(b *testing.B) {
			body := chunks(32<<10, size)
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				var c Chunked
				if n, _, err := c.Judge(body); err != nil || n != len(body) || !c.Done() {
					b.Fatal(n, err)
				}
			}
		})
	}
}

// chunks is total bytes of content in chunks of a size, with the last chunk.
func chunks(total, size int) []byte {
	var body []byte
	for range total / size {
		body = AppendChunkHeader(body, size)
		body = append(body, strings.Repeat("x", size)...)
		body = append(body, ChunkEnd...)
	}
	return append(body, LastChunk...)
}

func TestNothingAllocates(t *testing.T) {
	request, response, method := []byte(typicalRequest), []byte(typicalResponse), []byte("GET")
	trailer := []byte("X-Checksum: abc\r\nContent-Length: 3\r\n\r\n")
	bad := bytes.Replace(request, []byte("Host:"), []byte("Host :"), 1)
	body := chunks(4<<10, 512)
	var (
		r      Request
		answer Response
		fields []Field
		dst    = make([]byte, 0, MaxHead)
	)
	exchange := func() {
		n, _ := FindRequestHead(request, 0)
		if r.Parse(request[:n]) != nil || r.Parse(bad) == nil || r.Parse(request) != nil {
			t.Fatal("the request was misjudged")
		}
		dst = AppendRequestLine(dst[:0], r.Method, r.Target)
		dst = AppendContentLength(AppendFields(dst, r.Fields), r.Length)
		n, _ = FindResponseHead(response, 0)
		if answer.Parse(response[:n], method) != nil {
			t.Fatal("the answer was misjudged")
		}
		dst = AppendFields(AppendStatusLine(dst[:0], answer.Status, answer.Reason), answer.Fields)
		var c Chunked
		if _, _, err := c.Judge(body); err != nil {
			t.Fatal(err)
		}
		dst = AppendChunkHeader(dst[:0], 1<<20)
		n, _ = FindTrailer(trailer, 0)
		if fields, _ = ParseTrailer(trailer[:n], fields); len(fields) != 2 {
			t.Fatal("the trailer was misjudged")
		}
	}
	exchange() // the field slices grow once
	if n := testing.AllocsPerRun(100, exchange); n != 0 {
		t.Errorf("%v allocations in an exchange, want 0", n)
	}
}
