package http1

// Error is a verdict against a message: one of the Err constants. Its values are comparable, usable in a switch, and cost no allocation as an error.
// The zero value is no verdict.
type Error uint8

// What can be wrong before or in a head. The comment names the bytes that are refused; [Error.Section] names the rule.
const (
	// ErrIncomplete: Parse was given bytes that are not exactly one whole head.
	ErrIncomplete Error = iota + 1
	// ErrTLSHello: the peer speaks TLS where plain HTTP was expected.
	ErrTLSHello
	// ErrHTTP2Preface: the peer speaks HTTP/2 with prior knowledge.
	ErrHTTP2Preface
	// ErrBareLF: a line ends in LF without CR.
	ErrBareLF
	// ErrBareCR: CR without LF.
	ErrBareCR
	// ErrHeadTooLarge: no end of the head within MaxHead.
	ErrHeadTooLarge
	// ErrTooManyFields: more than MaxFields field lines.
	ErrTooManyFields

	// ErrRequestLineTooLong: the request line exceeds MaxRequestLine.
	ErrRequestLineTooLong
	// ErrRequestLine: not "method SP target SP version", with single spaces.
	ErrRequestLine
	// ErrMethod: the method is no token.
	ErrMethod
	// ErrConnect: CONNECT; this is no forward proxy.
	ErrConnect
	// ErrTrace: TRACE or TRACK, in any case: the answer would show the credential that was attached.
	ErrTrace
	// ErrTarget: the request target has none of the forms of RFC 9112 section 3.2, or bytes that no URI has.
	ErrTarget
	// ErrFragment: the request target has a fragment.
	ErrFragment
	// ErrVersion: an HTTP version other than 1.0 and 1.1.
	ErrVersion
	// ErrStatusLine: not "version SP status [SP reason]", or a status outside 100 to 599.
	ErrStatusLine
	// ErrStatusLineTooLong: the status line exceeds MaxRequestLine.
	ErrStatusLineTooLong

	// ErrFieldLine: a field line without a colon.
	ErrFieldLine
	// ErrFieldName: a field name that is empty or no token.
	ErrFieldName
	// ErrSpaceBeforeColon: whitespace between field name and colon.
	ErrSpaceBeforeColon
	// ErrFolding: a line that continues the one before it, or whitespace before the first field.
	ErrFolding
	// ErrFieldValue: a control byte in a field value.
	ErrFieldValue

	// ErrHostMissing: HTTP/1.1 without Host.
	ErrHostMissing
	// ErrHostRepeated: more than one Host field.
	ErrHostRepeated
	// ErrHost: a Host, or a target's authority, that is empty or no "host [: port]".
	ErrHost
	// ErrHostMismatch: Host differs from the authority of an absolute-form target.
	ErrHostMismatch
	// ErrContentLength: a Content-Length that is not 1 to 19 digits below 2^63. A list, also of equal values, is refused.
	ErrContentLength
	// ErrContentLengths: Content-Length fields that differ. Repeated equal ones are read as one.
	ErrContentLengths
	// ErrBothLengths: Content-Length and Transfer-Encoding.
	ErrBothLengths
	// ErrTransferEncoding: a Transfer-Encoding that is malformed or does not end in exactly one chunked.
	ErrTransferEncoding
	// ErrTransferCoding: a coding before the final chunked.
	ErrTransferCoding
	// ErrTransferEncodingVersion: Transfer-Encoding in HTTP/1.0.
	ErrTransferEncodingVersion
	// ErrConnection: a Connection field that is no list of tokens, or names too many fields.
	ErrConnection
	// ErrExpectation: an Expect other than 100-continue.
	ErrExpectation
	// ErrUpgrade: an Upgrade field that is no list of protocols, or a 101 without a valid one.
	ErrUpgrade
	// ErrUnexpectedFraming: a 1xx or 204 answer that announces content.
	ErrUnexpectedFraming

	// ErrChunkSize: a chunk size that is empty or has anything but 1 to 16 hexadecimal digits.
	ErrChunkSize
	// ErrChunkSizeTooLarge: a chunk size above 2^63-1, or of more than 16 digits, zeros included.
	ErrChunkSizeTooLarge
	// ErrChunkExtension: bytes after the chunk size that are no chunk extension.
	ErrChunkExtension
	// ErrChunkLineTooLong: a chunk line that exceeds MaxChunkLine.
	ErrChunkLineTooLong
	// ErrChunkEnd: chunk data that is not followed by CRLF.
	ErrChunkEnd
	// ErrTrailerTooLarge: no end of the trailer section within MaxTrailer.
	ErrTrailerTooLarge

	errorCount
)

type verdict struct {
	code    string
	status  int
	section string
	text    string
}

var verdicts = [errorCount]verdict{
	0:                          {"none", 0, "", "no error"},
	ErrIncomplete:              {"incomplete", 400, "RFC 9112 section 2.1", "the head is not complete"},
	ErrTLSHello:                {"tls-hello", 400, "RFC 9112 section 2.1", "the peer speaks TLS on a connection for plain HTTP; use http:// instead of https://"},
	ErrHTTP2Preface:            {"http2-preface", 505, "RFC 9113 section 3.4", "the peer speaks HTTP/2; use HTTP/1.1"},
	ErrBareLF:                  {"bare-lf", 400, "RFC 9112 section 2.2", "a line ends in LF without CR"},
	ErrBareCR:                  {"bare-cr", 400, "RFC 9112 section 2.2", "CR without LF"},
	ErrHeadTooLarge:            {"head-too-large", 431, "RFC 6585 section 5", "the head exceeds 64 KiB"},
	ErrTooManyFields:           {"too-many-fields", 431, "RFC 6585 section 5", "more than 128 field lines"},
	ErrRequestLineTooLong:      {"request-line-too-long", 414, "RFC 9112 section 3", "the request line exceeds 8 KiB"},
	ErrRequestLine:             {"request-line", 400, "RFC 9112 section 3", "the request line is not a method, a target and a version with single spaces between"},
	ErrMethod:                  {"method", 400, "RFC 9110 section 9.1", "the method is no token"},
	ErrConnect:                 {"connect", 501, "RFC 9110 section 9.3.6", "CONNECT is not supported; send the request to this address itself"},
	ErrTrace:                   {"trace", 501, "RFC 9110 section 9.3.8", "TRACE is not supported, as its answer shows the request with its credential"},
	ErrTarget:                  {"target", 400, "RFC 9112 section 3.2", "the request target is no valid path or http URL"},
	ErrFragment:                {"fragment", 400, "RFC 9110 section 7.1", "the request target has a fragment; leave out the part from # on"},
	ErrVersion:                 {"version", 505, "RFC 9110 section 15.6.6", "an HTTP version other than 1.0 and 1.1"},
	ErrStatusLine:              {"status-line", 502, "RFC 9112 section 4", "the status line is not a version, a status of 100 to 599 and a reason"},
	ErrStatusLineTooLong:       {"status-line-too-long", 502, "RFC 9112 section 4", "the status line exceeds 8 KiB"},
	ErrFieldLine:               {"field-line", 400, "RFC 9112 section 5", "a field line without a colon"},
	ErrFieldName:               {"field-name", 400, "RFC 9110 section 5.1", "a field name that is empty or no token"},
	ErrSpaceBeforeColon:        {"space-before-colon", 400, "RFC 9112 section 5.1", "whitespace between a field name and its colon"},
	ErrFolding:                 {"folding", 400, "RFC 9112 section 5.2", "a field line starts with whitespace"},
	ErrFieldValue:              {"field-value", 400, "RFC 9110 section 5.5", "a control byte in a field value"},
	ErrHostMissing:             {"host-missing", 400, "RFC 9112 section 3.2", "HTTP/1.1 without Host"},
	ErrHostRepeated:            {"host-repeated", 400, "RFC 9112 section 3.2", "more than one Host"},
	ErrHost:                    {"host", 400, "RFC 9112 section 3.2", "Host is no valid host with an optional port"},
	ErrHostMismatch:            {"host-mismatch", 400, "RFC 9112 section 3.2.2", "Host differs from the host in the request target"},
	ErrContentLength:           {"content-length", 400, "RFC 9110 section 8.6", "Content-Length is no single number of bytes"},
	ErrContentLengths:          {"content-lengths", 400, "RFC 9112 section 6.3", "Content-Length fields that differ"},
	ErrBothLengths:             {"framing-conflict", 400, "RFC 9112 section 6.1", "both Content-Length and Transfer-Encoding"},
	ErrTransferEncoding:        {"transfer-encoding", 400, "RFC 9112 section 6.3", "Transfer-Encoding does not end in exactly one chunked"},
	ErrTransferCoding:          {"transfer-coding", 501, "RFC 9112 section 6.1", "a transfer coding other than chunked"},
	ErrTransferEncodingVersion: {"transfer-encoding-version", 400, "RFC 9112 section 6.1", "Transfer-Encoding in HTTP/1.0"},
	ErrConnection:              {"connection", 400, "RFC 9110 section 7.6.1", "Connection is no list of tokens, or names too many fields"},
	ErrExpectation:             {"expectation", 417, "RFC 9110 section 10.1.1", "an expectation other than 100-continue"},
	ErrUpgrade:                 {"upgrade", 400, "RFC 9110 section 7.8", "Upgrade names no valid protocol"},
	ErrUnexpectedFraming:       {"unexpected-framing", 502, "RFC 9112 section 6.3", "an answer without content announces content"},
	ErrChunkSize:               {"chunk-size", 400, "RFC 9112 section 7.1", "a chunk size that is no hexadecimal number"},
	ErrChunkSizeTooLarge:       {"chunk-size-too-large", 400, "RFC 9112 section 7.1", "a chunk size above 63 bits or of more than 16 digits"},
	ErrChunkExtension:          {"chunk-extension", 400, "RFC 9112 section 7.1.1", "a malformed chunk extension"},
	ErrChunkLineTooLong:        {"chunk-line-too-long", 400, "RFC 9112 section 7.1.1", "a chunk line exceeds 4 KiB"},
	ErrChunkEnd:                {"chunk-end", 400, "RFC 9112 section 7.1", "chunk data is not followed by CRLF"},
	ErrTrailerTooLarge:         {"trailer-too-large", 431, "RFC 6585 section 5", "the trailer section exceeds 16 KiB"},
}

// Error says what is wrong in words that hold nothing of the message, so that they may be logged and shown.
func (e Error) Error() string { return verdicts[e].text }

// Code is a short name for e, stable over releases: "bare-lf", "framing-conflict".
func (e Error) Code() string { return verdicts[e].code }

// Section names the rule that was broken: "RFC 9112 section 2.2".
func (e Error) Section() string { return verdicts[e].section }

// Status is the answer that a request with this error gets: 400, 414, 417, 431, 501 or 505. For an answer of the upstream, it is always 502 to the client,
// whatever the error; Status tells 502 where an error can only come from an answer.
func (e Error) Status() int { return verdicts[e].status }
