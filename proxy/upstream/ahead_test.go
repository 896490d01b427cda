package upstream

import (
	"bytes"
	"testing"
)

func TestRecordsAreHandedOutOneByOne(t *testing.T) {
	record := func(size int) []byte {
		return append([]byte{23, 3, 3, byte(size >> 8), byte(size)}, bytes.Repeat([]byte{'x'}, size)...)
	}
	stream := bytes.Join([][]byte{record(10), record(16 << 10), record(0), record(300), record(16<<10 + 256)}, nil)
	for _, piece := range []int{1, 3, 7, 1000, len(stream)} {
		a := new(ahead)
		var got []byte
		for rest := stream; len(rest) > 0; {
			n := copy(a.Lend(), rest[:min(len(rest), piece)])
			a.end, rest = n, rest[n:]
			for !a.isEmpty() {
				room := make([]byte, 600)
				got = append(got, room[:a.take(room)]...)
			}
		}
		if !bytes.Equal(got, stream) || a.left != 0 || a.known != 0 {
			t.Errorf("in pieces of %d: %d bytes, want %d", piece, len(got), len(stream))
		}
	}
}

func TestAWholeRecordIsKnownToBeThere(t *testing.T) {
	a := new(ahead)
	a.end = copy(a.Lend(), "\x17\x03\x03\x00\x02ab\x17\x03\x03\x00\x02a")
	if !a.hasRecord() {
		t.Error("the first record is not seen")
	}
	if n := a.take(make([]byte, 100)); n != 7 {
		t.Errorf("read %d bytes, want the record's 7", n)
	}
	if a.hasRecord() {
		t.Error("half a record counts as one")
	}
	if a.take(make([]byte, 100)); !a.isEmpty() {
		t.Error("room is held with nothing in it")
	}
}
