package http1

import "strconv"

// Pieces for content that is framed anew, as chunks: AppendChunkHeader, the data, ChunkEnd; at the end LastChunk, trailer fields if any, and CRLF.
const (
	// CRLF ends every line, and by itself a head or a trailer section.
	CRLF = "\r\n"
	// ChunkEnd follows a chunk's data.
	ChunkEnd = CRLF
	// LastChunk is the line of the last chunk. A trailer section must follow it.
	LastChunk = "0\r\n"
	// EndOfChunks is LastChunk with an empty trailer section.
	EndOfChunks = LastChunk + CRLF
)

// AppendChunkHeader appends the line before a chunk of size bytes; size must be above 0.
func AppendChunkHeader(dst []byte, size int) []byte {
	return append(strconv.AppendInt(dst, int64(size), 16), CRLF...)
}

// AppendRequestLine appends "method target HTTP/1.1" and CRLF.
func AppendRequestLine(dst, method, target []byte) []byte {
	dst = append(dst, method...)
	dst = append(dst, ' ')
	dst = append(dst, target...)
	return append(dst, " HTTP/1.1\r\n"...)
}

// AppendStatusLine appends "HTTP/1.1 status reason" and CRLF; status must have three digits. An HTTP/1.0 client is answered in HTTP/1.1 too (RFC 9110 section 2.5).
func AppendStatusLine(dst []byte, status int, reason []byte) []byte {
	dst = append(dst, "HTTP/1.1 "...)
	dst = append(strconv.AppendInt(dst, int64(status), 10), ' ')
	dst = append(dst, reason...)
	return append(dst, CRLF...)
}

// AppendField appends a field line. Neither name nor value may hold CR or LF: that is the caller's to know.
func AppendField[N, V ~string | ~[]byte](dst []byte, name N, value V) []byte {
	dst = append(dst, name...)
	dst = append(dst, ": "...)
	dst = append(dst, value...)
	return append(dst, CRLF...)
}

// AppendContentLength appends a Content-Length field.
func AppendContentLength(dst []byte, length int64) []byte {
	dst = append(dst, "Content-Length: "...)
	return append(strconv.AppendInt(dst, length, 10), CRLF...)
}

// AppendFields appends the field lines that are not dropped, names and values as received.
func AppendFields(dst []byte, fields []Field) []byte {
	for i := range fields {
		if f := &fields[i]; !f.Drop {
			dst = AppendField(dst, f.Name, f.Value)
		}
	}
	return dst
}
