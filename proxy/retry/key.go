package retry

import "crypto/rand"

// AppendKey appends a new idempotency key: a random UUID (RFC 9562 section 5.4).
func AppendKey(out []byte) []byte {
	const digits = "0123456789abcdef"
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	for i, b := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			out = append(out, '-')
		}
		out = append(out, digits[b>>4], digits[b&0x0f])
	}
	return out
}
