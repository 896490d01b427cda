package relay

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"math"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/semaphore"

	"github.com/ambassador-operator/ambassador-operator/proxy/http1"
	"github.com/ambassador-operator/ambassador-operator/proxy/mapping"
)

const (
	// costOfContent is about how many bytes of memory it takes to map a byte of content.
	costOfContent = 16
	// freeContent is the content of unknown length that is collected before memory is reserved for it.
	freeContent = 64 << 10
)

// memory bounds what all answers that are being mapped at one time may take, in bytes: half of the process's limit. Each
// waits for its turn, and for nothing while it has it but its own service.
var memory = sync.OnceValue(func() *semaphore.Weighted { return semaphore.NewWeighted(memorySize()) })

func memorySize() int64 {
	const unlimited = 256 << 20
	if limit := debug.SetMemoryLimit(-1); limit < math.MaxInt64 {
		return min(limit/2, unlimited)
	}
	return unlimited
}

// reservation is an exchange's part of memory. The zero value is none.
type reservation struct{ bytes int64 }

func (r *reservation) release() {
	if r.bytes > 0 {
		memory().Release(r.bytes)
		r.bytes = 0
	}
}

// reserve waits until content of a length can be mapped.
func (x *exchange) reserve(r *reservation, length int) error {
	wanted := min(costOfContent*int64(length), memorySize())
	if memory().TryAcquire(wanted) {
		r.bytes = wanted
		return nil
	}
	if !x.conn.wait.begin(asking, forever) {
		return x.lost(os.ErrDeadlineExceeded)
	}
	return x.whileWanted(func(ctx context.Context) error {
		if err := memory().Acquire(ctx, wanted); err != nil {
			return because(errUpstreamTimeout, err)
		}
		r.bytes = wanted
		return nil
	})
}

// collect reads the answer's content, without its framing and without trailer fields. It stops where there is more than
// most bytes, and reports whether it is whole. The head stays where it is.
func (x *exchange) collect(most int, held *reservation) (content []byte, isWhole bool, err error) {
	x.answer.follow(x.resp.Framing, x.resp.Length)
	x.answer.unchunk = true
	room := rooms.Get().(*[bodyRoom]byte)
	defer rooms.Put(room)
	feed := buffer{room: room[:]}
	feed.end = copy(feed.room, x.back.unread())
	x.back.start = x.back.end
	if x.resp.Framing == http1.Length {
		if err := x.reserve(held, int(x.resp.Length)); err != nil {
			return nil, false, err
		}
		content = make([]byte, 0, x.resp.Length)
	}
	if !x.conn.wait.begin(answering, now()+x.limits.idle) {
		return nil, false, x.lost(os.ErrDeadlineExceeded)
	}
	for {
		piece, err := x.answer.next(&feed)
		if err != nil {
			return nil, false, because(errBadAnswer, err)
		}
		content = append(content, piece...)
		switch {
		case len(content) > most:
			x.back = buffer{room: append([]byte(nil), feed.unread()...), end: feed.end - feed.start}
			return content, false, nil
		case len(content) > freeContent && held.bytes == 0:
			if err := x.reserve(held, most); err != nil {
				return nil, false, err
			}
			if !x.conn.wait.begin(answering, now()+x.limits.idle) {
				return nil, false, x.lost(os.ErrDeadlineExceeded)
			}
		case len(piece) > 0:
		case x.answer.done:
			x.resp.Close = x.resp.Close || !feed.isEmpty()
			return content, true, nil
		default:
			if !feed.makeRoom(http1.MaxTrailer) {
				return nil, false, because(errBadAnswer, http1.ErrTrailerTooLarge)
			}
			if err := feed.fill(x.up); err != nil && (!errors.Is(err, io.EOF) || !x.answer.close()) {
				return nil, false, x.lost(err)
			}
		}
	}
}

// putBack has content that was collected go on before what is still to come.
func (x *exchange) putBack(content []byte) {
	x.isFollowed = true
	x.addFilter(&replay{content}, false)
}

// replay passes what was taken out of a stream on before the rest.
type replay struct{ content []byte }

func (r *replay) pass(piece []byte) ([]byte, error) {
	if r.content != nil {
		piece = slices.Concat(r.content, piece)
		r.content = nil
	}
	return piece, nil
}

func (r *replay) end() ([]byte, error) { return r.content, nil }

// replaceAnswer has content, which begins at a place in room, stand as if the service had sent it with its length.
func (x *exchange) replaceAnswer(room []byte, start int) {
	x.resp.Close = x.resp.Close || x.resp.Framing == http1.UntilClose
	x.resp.Framing, x.resp.Length = http1.Length, int64(len(room)-start)
	if isWithoutContent(x.resp.Status) {
		room, start = nil, 0
		x.resp.Framing, x.resp.Length = http1.NoBody, -1
	}
	x.back = buffer{room: room, start: start, end: len(room)}
}

// decoded takes the content's coding off. It stops where there is more than most bytes.
func (x *exchange) decoded(content []byte, most int) ([]byte, error) {
	switch x.coding() {
	case "", "identity":
		return content, nil
	case "gzip", "x-gzip":
	default:
		return nil, mapping.ErrInput
	}
	reader, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return nil, mapping.ErrInput
	}
	plain, err := io.ReadAll(io.LimitReader(reader, int64(most)+1))
	switch {
	case err != nil:
		return nil, mapping.ErrInput
	case len(plain) > most:
		return nil, mapping.ErrTooLarge
	}
	return plain, nil
}

// coding returns the content's coding in lower case (RFC 9110 section 8.4); several make one that is not known.
func (x *exchange) coding() string {
	value, n := http1.Lookup(x.resp.Fields, "content-encoding")
	if n > 1 {
		return "several"
	}
	return strings.ToLower(string(value))
}
