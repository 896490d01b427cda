package http1

// The limits of this package, in bytes unless said otherwise. Each has an error of its own.
const (
	// MaxRequestLine bounds a request line, and a status line, without its CRLF. RFC 9112 section 3 recommends at least 8,000.
	MaxRequestLine = 8 << 10
	// MaxHead bounds a head: empty lines before it, start line, fields and the empty line that ends it.
	MaxHead = 64 << 10
	// MaxFields bounds the number of field lines in a head, and in a trailer section.
	MaxFields = 128
	// MaxChunkLine bounds a chunk's size and extensions, with the CRLF.
	MaxChunkLine = 4 << 10
	// MaxTrailer bounds a trailer section with the empty line that ends it.
	MaxTrailer = 16 << 10

	// maxEmptyLines bounds the empty lines skipped before a request line; RFC 9112 section 2.2 asks for at least one.
	maxEmptyLines = 4
	// maxConnectionOptions bounds the options of a message's Connection fields that are no keywords: each one costs a look at every field.
	maxConnectionOptions = 32
)
