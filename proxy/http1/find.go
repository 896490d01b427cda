package http1

import "bytes"

// FindRequestHead reports the length of the request head at the start of buf: empty lines before the request line (a few are skipped, RFC 9112 section 2.2),
// request line, fields and the empty line. It is 0 as long as the head is not complete. scanned is the length of buf at the call before, 0 at the first:
// bytes before it are not searched again. An error comes as soon as no further byte could make it a head within the limits.
func FindRequestHead(buf []byte, scanned int) (n int, err error) {
	start, err := requestStart(buf)
	if err != nil || start == len(buf) {
		return 0, err
	}
	if lineTooLong(buf[start:]) {
		return 0, ErrRequestLineTooLong
	}
	return findEnd(buf, start, scanned, MaxHead, ErrHeadTooLarge)
}

// requestStart finds the first byte of the request line, which must begin a method; it is len(buf) as long as that has not come.
func requestStart(buf []byte) (int, error) {
	start := 0
	for hasCRLF(buf, start) {
		if start += 2; start > 2*maxEmptyLines {
			return 0, ErrRequestLine
		}
	}
	switch rest := buf[start:]; {
	case len(rest) == 0 || class[rest[0]]&token != 0:
		return start, nil
	case rest[0] == recordHandshake:
		return 0, ErrTLSHello
	case len(rest) == 1 && rest[0] == '\r':
		return len(buf), nil
	}
	return 0, badByte(buf, start, ErrMethod)
}

// FindResponseHead is FindRequestHead for an answer. No empty line may precede it.
func FindResponseHead(buf []byte, scanned int) (n int, err error) {
	if err := responseStart(buf); err != nil {
		return 0, err
	}
	if lineTooLong(buf) {
		return 0, ErrStatusLineTooLong
	}
	return findEnd(buf, 0, scanned, MaxHead, ErrHeadTooLarge)
}

func responseStart(buf []byte) error {
	const protocol = "HTTP/"
	got := buf[:min(len(buf), len(protocol))]
	switch {
	case string(got) == protocol[:len(got)]:
		return nil
	case got[0] == recordAlert || got[0] == recordHandshake:
		return ErrTLSHello
	}
	return ErrStatusLine
}

// The first byte of a TLS record, RFC 8446 section 5.1.
const (
	recordAlert     = 0x15
	recordHandshake = 0x16
)

// FindTrailer reports the length of the trailer section at the start of buf, from the byte after the last chunk's line up to and with the empty line;
// just CRLF gives 2. It is 0 as long as the section is not complete; scanned as in FindRequestHead.
func FindTrailer(buf []byte, scanned int) (n int, err error) {
	return findEnd(buf, 0, scanned, MaxTrailer, ErrTrailerTooLarge)
}

// lineTooLong reports that the line at the start of b exceeds MaxRequestLine.
func lineTooLong(b []byte) bool {
	const most = MaxRequestLine + len(CRLF)
	return len(b) >= most && bytes.IndexByte(b[:most], '\n') < 0
}

// findEnd finds the end of the first empty line in buf[start:], which must be within the limit.
func findEnd(buf []byte, start, scanned, limit int, tooLarge Error) (int, error) {
	window := buf[:min(len(buf), limit)]
	for i := max(start, scanned); i < len(window); i++ {
		line := bytes.IndexByte(window[i:], '\n')
		if line < 0 {
			break
		}
		i += line
		if i == start || window[i-1] != '\r' {
			return 0, ErrBareLF
		}
		if i-1 == start || window[i-2] == '\n' {
			return i + 1, nil
		}
	}
	if len(window) == limit {
		return 0, tooLarge
	}
	return 0, nil
}
