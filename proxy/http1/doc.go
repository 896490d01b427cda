// Package http1 is the wire: it judges HTTP/1.0 and HTTP/1.1 bytes in place and writes heads, and does nothing else.
//
// It has no I/O, no clock and no policy, and it does not allocate: what it hands out are slices of the caller's buffer, valid as long as that buffer's
// bytes stay where they are. Nothing is normalised on the way in, so that the bytes judged are the bytes forwarded. Where RFC 9112 lets a recipient choose
// between repairing a message and refusing it, this package refuses; the answer to a request that it refuses is known to its [Error].
//
//	bytes read ── FindRequestHead ──> head ── Request.Parse ──> fields (some marked Drop), framing, target
//	                                              edits: set Drop, append Fields
//	                                          AppendRequestLine, AppendFields, own framing fields ──> bytes to write
//	body: Length      counted by the caller
//	      Chunked     Chunked.Judge (forward the very bytes) or Chunked.Next (look at the content), then FindTrailer, ParseTrailer
//	      UntilClose  up to the end of the connection; AppendChunkHeader where it must be framed anew
//
// The functions that work on a stream (FindRequestHead, FindResponseHead, FindTrailer, Chunked) give the same verdict however the bytes are split over calls.
//
// What it does not do: it does not decode a path or judge its dot segments (package route does), knows no credential, and does not compare an answer
// with its request beyond the method (that a 101 was asked for is the relay's to check).
package http1
