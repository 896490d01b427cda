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
