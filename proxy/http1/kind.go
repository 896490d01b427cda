package http1

// kind is what a field means to this hop.
type kind uint8

const (
	kindOther kind = iota // end to end
	kindConnection
	kindContentLength
	kindExpect
	kindHop // ends here, and tells us nothing
	kindHost
	kindTE
	kindTransferEncoding
	kindUpgrade
)

// kindOf classifies a field by its name's length and first letter, so that most names cost one comparison. All it knows end at this hop: the fields of
// RFC 9110 section 7.6.1, proxy authentication (section 11.7), and those that the writer gives anew.
func kindOf(name []byte) kind {
	first := name[0] | 0x20
	switch len(name) {
	case 2:
		return kindIf(first == 't', name, "te", kindTE)
	case 4:
		return kindIf(first == 'h', name, "host", kindHost)
	case 6:
		return kindIf(first == 'e', name, "expect", kindExpect)
	case 7:
		return kindIf(first == 'u', name, "upgrade", kindUpgrade)
	case 10:
		if first == 'k' {
			return kindIf(true, name, "keep-alive", kindHop)
		}
		return kindIf(first == 'c', name, "connection", kindConnection)
	case 14:
		if first == 'h' {
			return kindIf(true, name, "http2-settings", kindHop)
		}
		return kindIf(first == 'c', name, "content-length", kindContentLength)
	case 16:
		return kindIf(first == 'p', name, "proxy-connection", kindHop)
	case 17:
		return kindIf(first == 't', name, "transfer-encoding", kindTransferEncoding)
	case 18:
		return kindIf(first == 'p', name, "proxy-authenticate", kindHop)
	case 19:
		return kindIf(first == 'p', name, "proxy-authorization", kindHop)
	case 25:
		return kindIf(first == 'p', name, "proxy-authentication-info", kindHop)
	}
	return kindOther
}

func kindIf(may bool, name []byte, lower string, k kind) kind {
	if may && equalFold(name, lower) {
		return k
	}
	return kindOther
}
