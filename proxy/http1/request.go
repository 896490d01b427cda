package http1

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
	// no content, and no protocol that would carry requests past this proxy (h2c, TLS).
	Upgrade []byte
	// TETrailers tells that TE has "trailers": the client keeps trailer fields.
	TETrailers bool
}

// Parse takes apart and judges a head that FindRequestHead has measured: head is buf[:n]. After an error the request holds nothing usable,
// and the connection must be closed after the answer.
func (r *Request) Parse(head []byte) error {
	for hasCRLF(head, 0) {
		head = head[2:]
	}
	i, err := r.parseLine(head)
	if err != nil {
		return err
	}
	if err := r.parseTarget(); err != nil {
		return err
	}
	if r.Fields, err = parseFields(r.Fields[:0], head, i); err != nil {
		return err
	}
	var said facts
	if err := said.survey(r.Fields); err != nil {
		return err
	}
	if err := r.settleHost(&said); err != nil {
		return err
	}
	return r.settle(&said)
}

// parseLine takes the request line apart, and returns the index of the line after it.
func (r *Request) parseLine(head []byte) (int, error) {
	i := tokenLength(head)
	if i == 0 || i == len(head) || head[i] != ' ' {
		return 0, badByte(head, i, ErrMethod)
	}
	r.Method = head[:i]
	rest := head[i+1:]
	n := visibleLength(rest)
	if n == 0 || n == len(rest) || rest[n] != ' ' {
		return 0, targetEndError(rest, n)
	}
	r.Target = rest[:n]
	end := i + 1 + n + 1 + len("HTTP/1.1")
	if !hasCRLF(head, end) {
		return 0, versionError(head, i+1+n+1)
	}
	switch version := head[end-len("HTTP/1.1") : end]; string(version) {
	case "HTTP/1.1":
		r.Minor = 1
	case "HTTP/1.0":
		r.Minor = 0
	default:
		return 0, r.otherVersion(version)
	}
	return end + 2, r.checkMethod()
}

// targetEndError tells why the target, of n bytes, is not followed by a space and a version.
func targetEndError(rest []byte, n int) error {
	switch {
	case n == len(rest):
		return ErrIncomplete
	case n == 0 && rest[0] == ' ', hasCRLF(rest, n):
		return ErrRequestLine
	}
	return badByte(rest, n, ErrTarget)
}

// versionError tells why there is no version of the right length at i.
func versionError(head []byte, i int) error {
	i += textLength(head[i:])
	if hasCRLF(head, i) {
		return ErrRequestLine
	}
	return badByte(head, i, ErrRequestLine)
}

func (r *Request) otherVersion(version []byte) error {
	switch {
	case string(version) == "HTTP/2.0" && string(r.Method) == "PRI" && string(r.Target) == "*":
		return ErrHTTP2Preface
	case isVersion(version):
		return ErrVersion
	}
	return ErrRequestLine
}

// isVersion reports whether b has the form "HTTP/d.d" (RFC 9112 section 2.3).
func isVersion(b []byte) bool {
	return len(b) == 8 && string(b[:5]) == "HTTP/" && isDigit(b[5]) && b[6] == '.' && isDigit(b[7])
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// checkMethod refuses the methods that cannot be forwarded. An upstream may take "trace" for TRACE, hence any case.
func (r *Request) checkMethod() error {
	switch {
	case len(r.Method) == 5 && (equalFold(r.Method, "trace") || equalFold(r.Method, "track")):
		return ErrTrace
	case len(r.Method) == 7 && equalFold(r.Method, "connect"):
		return ErrConnect
	}
	return nil
}

// settleHost judges Host against version and target (RFC 9112 section 3.2).
func (r *Request) settleHost(said *facts) error {
	switch {
	case said.hosts > 1:
		return ErrHostRepeated
	case said.hosts == 0 && r.Minor > 0:
		return ErrHostMissing
	case said.hosts == 0:
		return nil
	case !isAuthority(said.host):
		return ErrHost
	case r.Host == nil:
		r.Host = said.host
	case !equalFoldBytes(r.Host, said.host):
		return ErrHostMismatch
	}
	return nil
}

// settle sets what the fields decide.
func (r *Request) settle(said *facts) error {
	if said.coding != codingNone && r.Minor == 0 {
		return ErrTransferEncodingVersion
	}
	r.Length = said.length
	switch {
	case said.coding != codingNone:
		r.Framing = ChunkedBody
	case said.length >= 0:
		r.Framing = Length
	default:
		r.Framing = NoBody
	}
	content := r.Framing == ChunkedBody || r.Length > 0
	r.Close = said.options.closes(r.Minor)
	r.ExpectContinue = said.expects && content && r.Minor > 0
	r.TETrailers = said.trailers && r.Minor > 0
	r.Upgrade = nil
	if said.upgrades != 1 || said.options&optionUpgrade == 0 || content || r.Minor == 0 {
		return nil
	}
	safe, err := judgeUpgrade(said.upgrade)
	if safe {
		r.Upgrade = said.upgrade
	}
	return err
}
