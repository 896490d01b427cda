package upstream

import (
	"bytes"
	"io"
	"testing"
)

func TestRecordsAreHandedOutOneByOne(t *testing.T) {
	record := func(size int) []byte {
		return append([]byte{23, 3, 3, byte(size >> 8), byte(size)}, bytes.Repeat([]byte{'x'}, size)...)
	}
	stream := bytes.Join([][]byte{record(10), record(16 << 10), record(0), record(300), record(16<<10 + 256)}, nil)
	for _, piece := range []int{1, 3, 7, 1000, len(stream)} {
		source := bytes.NewReader(stream)
		from := func(p []byte) (int, error) { return source.Read(p[:min(len(p), piece)]) }
		a := new(ahead)
		var got []byte
		for {
			room := make([]byte, 600)
			n, err := a.read(room, from)
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, room[:n]...)
		}
		if !bytes.Equal(got, stream) || a.left != 0 && !a.isLost {
			t.Errorf("in pieces of %d: %d bytes, want %d", piece, len(got), len(stream))
		}
	}
}

func TestAWholeRecordIsKnownToBeThere(t *testing.T) {
	a := new(ahead)
	a.end = copy(a.room[:], "\x17\x03\x03\x00\x02ab\x17\x03\x03\x00\x02a")
	if !a.hasRecord() {
		t.Error("the first record is not seen")
	}
	if n, _ := a.read(make([]byte, 100), nil); n != 7 {
		t.Errorf("read %d bytes, want the record's 7", n)
	}
	if a.hasRecord() {
		t.Error("half a record counts as one")
	}
}
