package http1

// ParseTrailer takes apart a section that FindTrailer has measured, and appends its fields to fields[:0]. Drop is set on fields that must not come in
// a trailer section (RFC 9110 section 6.5.1): framing, routing, connection, request modifiers, authentication, cookies, content description.
func ParseTrailer(block []byte, fields []Field) ([]Field, error) {
	fields, err := parseFields(fields[:0], block, 0)
	for i := range fields {
		if f := &fields[i]; !f.Drop {
			f.Drop = notInTrailer(f)
		}
	}
	return fields, err
}

// leading is what is only of use before the content; what ends at this hop is known to kindOf.
var leading = [...]string{
	"age", "authorization", "authentication-info", "cache-control", "content-encoding", "content-range", "content-type", "cookie", "date",
	"expires", "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "location", "max-forwards",
	"pragma", "range", "retry-after", "set-cookie", "trailer", "vary", "warning", "www-authenticate",
}

func notInTrailer(f *Field) bool {
	for _, name := range leading {
		if f.Is(name) {
			return true
		}
	}
	return false
}
