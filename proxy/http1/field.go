package http1

// Field is one field line of a head or a trailer section. Its slices alias the buffer that was parsed.
type Field struct {
	// Name is the name as received: a token, never empty.
	Name []byte
	// Value is without the whitespace around it, and may be empty. It has no control byte but HTAB; bytes from 0x80 on (obs-text) pass as they are.
	Value []byte
	// Drop keeps the field from being written by AppendFields. Parse sets it on the fields that end at this hop (those of RFC 9110 section 7.6.1 and what
	// Connection nominates) and on Host, Content-Length and Expect, which the writer gives itself.
	Drop bool

	kind kind
}

// Is reports whether the field has this name, which must be given in lower case.
func (f *Field) Is(lowerName string) bool {
	return equalFold(f.Name, lowerName)
}

// Lookup finds the fields of this name, given in lower case, whether or not they are dropped: the first one's value, and how many there are.
func Lookup(fields []Field, lowerName string) (value []byte, n int) {
	for i := range fields {
		if f := &fields[i]; f.Is(lowerName) {
			if n == 0 {
				value = f.Value
			}
			n++
		}
	}
	return value, n
}

// parseFields appends the field lines of b[i:] to fields. The empty line must be the end of b.
func parseFields(fields []Field, b []byte, i int) ([]Field, error) {
	for i < len(b) {
		if b[i] == '\r' {
			return fields, atEnd(b, i)
		}
		if len(fields) == MaxFields {
			return fields, ErrTooManyFields
		}
		name := b[i : i+tokenLength(b[i:])]
		colon := i + len(name)
		if len(name) == 0 || colon == len(b) || b[colon] != ':' {
			return fields, nameError(b, i, colon)
		}
		start := colon + 1
		for start < len(b) && isSpace(b[start]) {
			start++
		}
		end := start + textLength(b[start:])
		if !hasCRLF(b, end) {
			return fields, badByte(b, end, ErrFieldValue)
		}
		i = end + 2
		for end > start && isSpace(b[end-1]) {
			end--
		}
		var f *Field
		fields, f = grow(fields)
		f.Name, f.Value, f.kind = name, b[start:end], kindOf(name)
		f.Drop = f.kind != kindOther
	}
	return fields, ErrIncomplete
}

// grow makes room for one more field, to be set in place.
func grow(fields []Field) ([]Field, *Field) {
	n := len(fields)
	if n < cap(fields) {
		fields = fields[:n+1]
	} else {
		fields = append(fields, Field{})
	}
	return fields, &fields[n]
}

// atEnd checks that b[i:], which starts with CR, is the empty line and the last.
func atEnd(b []byte, i int) error {
	if hasCRLF(b, i) && i+2 == len(b) {
		return nil
	}
	return badByte(b, i, ErrIncomplete)
}

// nameError tells why the line at start has no name and colon; its token ends at end.
func nameError(b []byte, start, end int) error {
	if end == len(b) {
		return ErrIncomplete
	}
	switch c := b[end]; {
	case start == end && isSpace(c):
		return ErrFolding
	case isSpace(c):
		for end < len(b) && isSpace(b[end]) {
			end++
		}
		if end < len(b) && b[end] == ':' {
			return ErrSpaceBeforeColon
		}
	case hasCRLF(b, end):
		return ErrFieldLine
	}
	return badByte(b, end, ErrFieldName)
}
