package wire

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
)

// Variants is how many different answers there are of each size.
const Variants = 8

const (
	// stride is how far apart two variants' bodies begin in the shared random bytes.
	stride = 512
	// together is how much of a body is laid out right behind its head, to go out in one write.
	together = 64 << 10
)

// Answer is one response: First is its head and the beginning of its body, Rest what follows.
type Answer struct{ First, Rest []byte }

// Script holds the answers of some sizes, ready to be sent and to be compared with.
type Script struct {
	random  []byte
	answers map[int]*[Variants]Answer
}

// NewScript prepares the answers of the given body sizes in bytes.
func NewScript(sizes ...int) *Script {
	s := &Script{answers: make(map[int]*[Variants]Answer)}
	largest := 0
	for _, size := range sizes {
		largest = max(largest, size)
	}
	s.random = make([]byte, largest+Variants*stride)
	rand.NewChaCha8([32]byte{}).Read(s.random)
	for _, size := range sizes {
		s.answers[size] = s.render(size)
	}
	return s
}

// render lays the answers of one size out. The fields are those that an API answers with.
func (s *Script) render(size int) *[Variants]Answer {
	var all [Variants]Answer
	for variant := range all {
		head := fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nDate: Mon, 05 Jan 2026 10:00:00 GMT\r\n"+
			"Content-Type: application/json;charset=utf-8\r\nContent-Length: %d\r\nCache-Control: public, max-age=300\r\n"+
			"ETag: \"%d-%d\"\r\nVary: Accept-Encoding\r\nServer: upstream\r\nX-Variant: %d\r\n\r\n", size, size, variant, variant)
		body := s.Body(size, variant)
		cut := min(size, together)
		all[variant] = Answer{First: append(head, body[:cut]...), Rest: body[cut:]}
	}
	return &all
}

// Answer returns the answer to a request that [Judge] has accepted; ok is false for a size that was not prepared.
func (s *Script) Answer(size, variant int) (answer Answer, ok bool) {
	all, ok := s.answers[size]
	if !ok {
		return Answer{}, false
	}
	return all[variant], true
}

// Body is the body that the answer must have.
func (s *Script) Body(size, variant int) []byte {
	return s.random[variant*stride:][:size]
}

// Errors of [CheckHead]: how an answer's head differs from what the upstream sent.
var (
	ErrStatus  = errors.New("the status is not 200")
	ErrLength  = errors.New("Content-Length is missing or not the body's")
	ErrVariant = errors.New("the answer is another request's")
)

// HeadLength reports how long the complete head at the start of buf is; 0 when more bytes are needed.
func HeadLength(buf []byte) int {
	i := bytes.Index(buf, emptyLine)
	if i < 0 {
		return 0
	}
	return i + len(emptyLine)
}

// CheckHead checks the head of an answer as the client receives it.
func CheckHead(head []byte, size, variant int) error {
	line, fields, _ := bytes.Cut(head, crlf)
	if !bytes.HasPrefix(line, status200) {
		return ErrStatus
	}
	if !isNumber(fields, "content-length", size) {
		return ErrLength
	}
	if !isNumber(fields, "x-variant", variant) {
		return ErrVariant
	}
	return nil
}

var (
	emptyLine = []byte("\r\n\r\n")
	status200 = []byte("HTTP/1.1 200")
)

func isNumber(fields []byte, lowerName string, want int) bool {
	value, n := lookup(fields, lowerName)
	got, err := strconv.Atoi(string(value))
	return n == 1 && err == nil && got == want
}
