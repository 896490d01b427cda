package http1

// Response is the head of an answer, taken apart. Use one over and over, as a Request.
type Response struct {
	// Minor is 1 for HTTP/1.1 and 0 for HTTP/1.0.
	Minor uint8
	// Status is 100 to 599.
	Status int
	// Reason is the reason phrase as received; it may be empty.
	Reason []byte
	// Fields has all field lines in their order. Parse allocates only if its capacity is too small.
	Fields []Field
	// Framing tells how the content ends. It is NoBody for 1xx, 204, 304 and answers to HEAD.
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
func (r *Response) Parse(head, method []byte) error {
	i, err := r.parseLine(head)
	if err != nil {
		return err
	}
	if r.Fields, err = parseFields(r.Fields[:0], head, i); err != nil {
		return err
	}
	var said facts
	if err := said.survey(r.Fields); err != nil {
		return err
	}
	if err := r.settleFraming(&said, method); err != nil {
		return err
	}
	r.Close = r.Framing == UntilClose || said.options.closes(r.Minor)
	return r.settleUpgrade(&said)
}

// parseLine takes the status line apart, and returns the index of the line after it. "HTTP/1.1 200" without the last space is read too, as it has one meaning.
func (r *Response) parseLine(head []byte) (int, error) {
	const prefix = len("HTTP/1.1 200")
	if len(head) < prefix+2 {
		return 0, ErrStatusLine
	}
	if err := r.parseVersion(head); err != nil {
		return 0, err
	}
	r.Status = 0
	for _, c := range head[prefix-3 : prefix] {
		if !isDigit(c) {
			return 0, ErrStatusLine
		}
		r.Status = r.Status*10 + int(c-'0')
	}
	if r.Status < 100 || r.Status > 599 {
		return 0, ErrStatusLine
	}
	return r.parseReason(head, prefix)
}

func (r *Response) parseVersion(head []byte) error {
	switch string(head[:9]) {
	case "HTTP/1.1 ":
		r.Minor = 1
	case "HTTP/1.0 ":
		r.Minor = 0
	default:
		if isVersion(head[:8]) && head[8] == ' ' {
			return ErrVersion
		}
		return ErrStatusLine
	}
	return nil
}

func (r *Response) parseReason(head []byte, i int) (int, error) {
	if head[i] == ' ' {
		i++
	} else if head[i] != '\r' {
		return 0, badByte(head, i, ErrStatusLine)
	}
	end := i + textLength(head[i:])
	if !hasCRLF(head, end) {
		return 0, badByte(head, end, ErrStatusLine)
	}
	r.Reason = head[i:end]
	return end + 2, nil
}

// settleFraming follows RFC 9112 section 6.3.
func (r *Response) settleFraming(said *facts, method []byte) error {
	switch {
	case said.coding != codingNone && r.Minor == 0:
		return ErrTransferEncodingVersion
	case (r.Status < 200 || r.Status == 204) && (said.coding != codingNone || said.length > 0):
		return ErrUnexpectedFraming
	}
	r.Length = said.length
	switch {
	case r.Status < 200 || r.Status == 204:
		r.Framing, r.Length = NoBody, -1
	case r.Status == 304 || string(method) == "HEAD":
		r.Framing = NoBody
	case said.coding != codingNone:
		r.Framing = ChunkedBody
	case said.length >= 0:
		r.Framing = Length
	default:
		r.Framing = UntilClose
	}
	return nil
}

func (r *Response) settleUpgrade(said *facts) error {
	r.Upgrade = nil
	if r.Status != 101 {
		return nil
	}
	if said.upgrades != 1 || said.options&optionUpgrade == 0 || r.Minor == 0 {
		return ErrUpgrade
	}
	if safe, err := judgeUpgrade(said.upgrade); err != nil || !safe {
		return ErrUpgrade
	}
	r.Upgrade = said.upgrade
	return nil
}
