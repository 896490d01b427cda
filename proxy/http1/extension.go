package http1

// part is what a byte is to a chunk extension.
type part uint8

const (
	partOther part = iota // controls
	partSpace
	partToken
	partEquals
	partQuote
	partSemicolon
	partBackslash
	partCR
	partText // what only a quoted string may hold
	partCount
)

func partOf(b byte) part {
	switch {
	case class[b]&token != 0:
		return partToken
	case isSpace(b):
		return partSpace
	case b == '=':
		return partEquals
	case b == '"':
		return partQuote
	case b == ';':
		return partSemicolon
	case b == '\\':
		return partBackslash
	case b == '\r':
		return partCR
	case class[b]&quotable != 0:
		return partText
	}
	return partOther
}

// rejected is where grammar has no next state: an extension does not lead back to a size.
const rejected = inSize

// grammar is that of chunk extensions, RFC 9112 section 7.1.1. Whitespace may stand before what an extension has next, but not at the end of the line.
var grammar = [inData][partCount]chunkState{
	beforeName:      {partSpace: beforeName, partToken: inName},
	inName:          {partSpace: afterName, partToken: inName, partEquals: beforeValue, partSemicolon: beforeName, partCR: beforeLF},
	afterName:       {partSpace: afterName, partEquals: beforeValue, partSemicolon: beforeName},
	beforeValue:     {partSpace: beforeValue, partToken: inValue, partQuote: inQuotes},
	inValue:         {partSpace: beforeSemicolon, partToken: inValue, partSemicolon: beforeName, partCR: beforeLF},
	afterQuotes:     {partSpace: beforeSemicolon, partSemicolon: beforeName, partCR: beforeLF},
	beforeSemicolon: {partSpace: beforeSemicolon, partSemicolon: beforeName},
	inQuotes: {
		partSpace: inQuotes, partToken: inQuotes, partEquals: inQuotes, partSemicolon: inQuotes, partText: inQuotes,
		partQuote: afterQuotes, partBackslash: afterBackslash,
	},
	afterBackslash: {
		partSpace: inQuotes, partToken: inQuotes, partEquals: inQuotes, partSemicolon: inQuotes, partText: inQuotes,
		partQuote: inQuotes, partBackslash: inQuotes,
	},
}
