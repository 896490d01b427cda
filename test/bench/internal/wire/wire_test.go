package wire

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestTheUpstreamAcceptsOnlyWhatAProxyHasCompleted(t *testing.T) {
	final := string(Final(1024, 3))
	cases := []struct {
		name string
		head string
		want error
	}{
		{"all done", final, nil},
		{"parameters sorted", strings.Replace(final, "language=en&api_key="+APIKey, "api_key="+APIKey+"&language=en", 1), nil},
		{"field name in lower case", strings.Replace(final, "Authorization", "authorization", 1), nil},
		{"nothing done", string(Local(1024, 3)), ErrPath},
		{"no key", strings.Replace(final, "&api_key="+APIKey, "", 1), ErrQuery},
		{"another key", strings.Replace(final, APIKey, "x"+APIKey, 1), ErrQuery},
		{"no authorization", strings.Replace(final, "Authorization", "X-Other", 1), ErrAuthorization},
		{"authorization twice", strings.Replace(final, "\r\n\r\n", "\r\nAuthorization: Bearer "+Token+"\r\n\r\n", 1), ErrAuthorization},
		{"no such variant", strings.Replace(final, "/1024/3", "/1024/99", 1), ErrPath},
		{"HTTP/1.0", strings.Replace(final, "HTTP/1.1", "HTTP/1.0", 1), ErrVersion},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			size, variant, err := Judge([]byte(c.head))
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if err == nil && (size != 1024 || variant != 3) {
				t.Errorf("got size %d, variant %d", size, variant)
			}
		})
	}
}

func TestAnAnswerIsTheOneAskedFor(t *testing.T) {
	script := NewScript(1024, 100_000)
	for _, size := range []int{1024, 100_000} {
		answer, _ := script.Answer(size, 5)
		n := HeadLength(answer.First)
		if err := CheckHead(answer.First[:n], size, 5); err != nil {
			t.Error(err)
		}
		if err := CheckHead(answer.First[:n], size, 4); !errors.Is(err, ErrVariant) {
			t.Errorf("another's answer: got %v", err)
		}
		if err := CheckHead(answer.First[:n], size+1, 5); !errors.Is(err, ErrLength) {
			t.Errorf("another length: got %v", err)
		}
		if body := append(answer.First[n:len(answer.First):len(answer.First)], answer.Rest...); !bytes.Equal(body, script.Body(size, 5)) {
			t.Errorf("size %d: the body sent is not the body expected", size)
		}
	}
}

func TestJudgingDoesNotAllocate(t *testing.T) {
	head := Final(1024, 3)
	if n := testing.AllocsPerRun(100, func() { Judge(head) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
