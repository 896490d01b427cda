package credential

// Attachment is what a request carries at one moment. It is immutable; its zero value attaches nothing.
type Attachment struct {
	// Missing is not nil while a value is missing that a request needs: it must not be forwarded. Its text names the
	// Secret and key, never a value. It is a *Problem.
	Missing error
	// Refused is not nil while a Secret does not allow this upstream: requests must not be forwarded. It is a *Problem.
	Refused error
	// Fields are header lines, each with its CRLF, in the order of the document. Empty: none.
	Fields Value
	// Query is "name=value" pairs, escaped and joined by '&'. Empty: none.
	Query Value
}

// equal reports whether a request would be treated the same with either.
func (a *Attachment) equal(b *Attachment) bool {
	return text(a.Missing) == text(b.Missing) && text(a.Refused) == text(b.Refused) && a.Fields.Equal(b.Fields) && a.Query.Equal(b.Query)
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
