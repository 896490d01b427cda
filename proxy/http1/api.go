package http1

// Framing tells how the end of a message's content is found (RFC 9112 section 6.3).
type Framing uint8

const (
	// NoBody: the head is the whole message.
	NoBody Framing = iota
	// Length: the content has exactly Length bytes, which may be none.
	Length
	// Chunked: the content is chunked, and a trailer section follows.
	ChunkedBody
	// UntilClose: the content ends where the connection does. Only an answer can have it.
	UntilClose
)

// FindRequestHead reports the length of the request head at the start of buf: empty lines before the request line (a few are skipped, RFC 9112 section 2.2),
// request line, fields and the empty line. It is 0 as long as the head is not complete. scanned is the length of buf at the call before, 0 at the first:
// bytes before it are not searched again. An error comes as soon as no further byte could make it a head within the limits.
func FindRequestHead(buf []byte, scanned int) (n int, err error) { panic("unwritten") }

// FindResponseHead is FindRequestHead for an answer. No empty line may precede it.
func FindResponseHead(buf []byte, scanned int) (n int, err error) { panic("unwritten") }

// FindTrailer reports the length of the trailer section at the start of buf, from the byte after the last chunk's line up to and with the empty line;
// just CRLF gives 2. It is 0 as long as the section is not complete; scanned as in FindRequestHead.
func FindTrailer(buf []byte, scanned int) (n int, err error) { panic("unwritten") }

// Request is a request head, taken apart. Use one over and over: Parse sets every field and keeps the room in Fields.
type Request struct {
	// Method is a token, case as received. Never CONNECT, TRACE or TRACK.
	Method []byte
	// Target is the request target as received.
	Target []byte
	// Path is the path to forward: of an absolute-form target the part after the authority, "/" where that is empty. It starts with "/", but for
	// OPTIONS it may be "*". Its bytes are visible ASCII, its percent escapes are whole; dot segments are not judged.
	Path []byte
	// Query is what follows the first "?", as received. HasQuery tells "/?" from "/".
	Query    []byte
	HasQuery bool
	// Host is the authority asked for: that of an absolute-form target, or Host's value; nil for an HTTP/1.0 request that has neither.
	Host []byte
	// Minor is 1 for HTTP/1.1 and 0 for HTTP/1.0.
	Minor uint8
	// Fields has all field lines in their order. Parse allocates only if its capacity is too small.
	Fields []Field
	// Framing is NoBody, Length or ChunkedBody.
	Framing Framing
	// Length is Content-Length's value with Framing Length (0 is to be forwarded as "Content-Length: 0"), else -1.
	Length int64
	// Close tells that the connection ends with this exchange: Connection has close, or the request is HTTP/1.0 without keep-alive.
	Close bool
	// ExpectContinue tells that the client waits for 100 (Continue) before it sends the content. Never set without content or for HTTP/1.0.
	ExpectContinue bool
	// Upgrade is the value of the Upgrade field where an upgrade may be forwarded, else nil: HTTP/1.1, nominated by Connection, one field only,
	// no content, and not to h2c (which would carry requests past this proxy).
	Upgrade []byte
	// TETrailers tells that TE has "trailers": the client keeps trailer fields.
	TETrailers bool
}

// Parse takes apart and judges a head that FindRequestHead has measured: head is buf[:n]. After an error the request holds nothing usable,
// and the connection must be closed after the answer.
func (r *Request) Parse(head []byte) error { panic("unwritten") }

// Response is the head of an answer, taken apart. Use one over and over, as a Request.
type Response struct {
	// Minor is 1 for HTTP/1.1 and 0 for HTTP/1.0.
	Minor uint8
	// Status is 100 to 599.
	Status int
	// Reason is the reason phrase as received; it may be empty.
	Reason []byte
	// Fields has all field lines in their order.
	Fields []Field
	// Framing tells how the content ends. NoBody for 1xx, 204, 304 and answers to HEAD.
	Framing Framing
	// Length is Content-Length's value, else -1. With Framing NoBody it is not -1 where 304 or an answer to HEAD tells the length that the content
	// would have: it is to be forwarded.
	Length int64
	// Close tells that the connection ends with this answer: Connection has close, Framing is UntilClose, or the answer is HTTP/1.0 without keep-alive.
	Close bool
	// Upgrade is the value of the Upgrade field of a 101, never empty there; else nil.
	Upgrade []byte
}

// Parse takes apart and judges a head that FindResponseHead has measured. method is that of the request which it answers.
func (r *Response) Parse(head, method []byte) error { panic("unwritten") }

// ParseTrailer takes apart a section that FindTrailer has measured, and appends its fields to fields[:0]. Drop is set on fields that must not come in
// a trailer section (RFC 9110 section 6.5.1): framing, routing, connection, request modifiers, authentication, cookies, content description.
func ParseTrailer(block []byte, fields []Field) ([]Field, error) { panic("unwritten") }

// Chunked judges a chunked body where it lies, so that the bytes that were judged can be forwarded as they are. The zero value starts a body.
type Chunked struct {
	state uint8
	left  uint64
}

// Next judges the start of p: n bytes, of which data, a part of p[:n], is content; it may be empty. Call it again with p[n:] until that is empty or Done
// reports true. All bytes up to n may be forwarded. An error is final.
func (c *Chunked) Next(p []byte) (n int, data []byte, err error) { panic("unwritten") }

// Judge is Next for those who only forward: it judges as much of p as belongs to the body before its trailer section, n bytes with content bytes of
// content among them. n is less than len(p) only when Done.
func (c *Chunked) Judge(p []byte) (n int, content int64, err error) { panic("unwritten") }

// Done reports that the last chunk's line was judged: the trailer section comes next.
func (c *Chunked) Done() bool { panic("unwritten") }

// Pieces for content that is framed anew, as chunks: AppendChunkHeader, the data, ChunkEnd; at the end LastChunk, trailer fields if any, and CRLF.
const (
	// CRLF ends every line, and by itself a head or a trailer section.
	CRLF = "\r\n"
	// ChunkEnd follows a chunk's data.
	ChunkEnd = CRLF
	// LastChunk is the line of the last chunk. A trailer section must follow it.
	LastChunk = "0\r\n"
	// EndOfChunks is LastChunk with an empty trailer section.
	EndOfChunks = "0\r\n\r\n"
)

// AppendChunkHeader appends the line before a chunk of size bytes; size must be above 0.
func AppendChunkHeader(dst []byte, size int) []byte { panic("unwritten") }

// AppendRequestLine appends "method target HTTP/1.1" and CRLF.
func AppendRequestLine(dst, method, target []byte) []byte { panic("unwritten") }

// AppendStatusLine appends "HTTP/1.1 status reason" and CRLF. An HTTP/1.0 client is answered in HTTP/1.1 too (RFC 9110 section 2.5).
func AppendStatusLine(dst []byte, status int, reason []byte) []byte { panic("unwritten") }

// AppendField appends a field line. Neither name nor value may hold CR or LF: that is the caller's to know.
func AppendField[N, V ~string | ~[]byte](dst []byte, name N, value V) []byte { panic("unwritten") }

// AppendContentLength appends a Content-Length field.
func AppendContentLength(dst []byte, length int64) []byte { panic("unwritten") }

// AppendFields appends the field lines that are not dropped, names and values as received.
func AppendFields(dst []byte, fields []Field) []byte { panic("unwritten") }
