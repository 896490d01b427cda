package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// maxEdits bounds each list or map of edits; maxParameter and maxField bound a value in bytes.
const (
	maxEdits     = 32
	maxParameter = 1024
	maxField     = 4096
)

// isFraming reports whether a field carries a message's framing or belongs to its hop: a value of somebody else's there
// would break the message, or leak to another hop. Services take '_' for '-', so that both count.
func isFraming(name string) bool {
	switch foldName(name) {
	case "host", "connection", "content-length", "transfer-encoding", "te", "trailer", "upgrade", "keep-alive", "expect", "proxy-connection":
		return true
	}
	return false
}

// editable accepts the name of a field that is not the sidecar's own: no framing, and none that a credential sets.
func (c *checker) editable(field, name string, owned map[string]bool) {
	c.check(isToken(name), field, "%q is not a header name (RFC 9110, section 5.1)", name)
	c.check(!isFraming(name), field, "%q frames the message or belongs to one hop; leave it out", name)
	c.check(!owned["header "+foldName(name)], field, "%q is a credential's header; leave it out", name)
}

// headers checks edits of fields; owned are the targets of credentials.
func (c *checker) headers(at string, h Headers, owned map[string]bool) {
	c.check(len(h.Set) <= maxEdits, at+".set", "%d entries; at most %d", len(h.Set), maxEdits)
	c.check(len(h.Remove) <= maxEdits, at+".remove", "%d entries; at most %d", len(h.Remove), maxEdits)
	taken := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(h.Set)) {
		c.editable(at+".set", name, owned)
		c.fieldValue(at+".set."+name, h.Set[name])
		lower := strings.ToLower(name)
		if first, found := taken[lower]; found {
			c.fail(at+".set", "%q is set as %q too; header names have no case, so leave one out", name, first)
		}
		taken[lower] = name
	}
	for i, name := range h.Remove {
		field := fmt.Sprintf("%s.remove[%d]", at, i)
		c.editable(field, name, owned)
		if _, found := taken[strings.ToLower(name)]; found {
			c.fail(field, "%q is set too, which replaces what stands there; leave it out here", name)
		}
	}
}

// fieldValue accepts what may stand in a field without reaching beyond it (RFC 9110, section 5.5).
func (c *checker) fieldValue(field, value string) {
	c.check(len(value) <= maxField, field, "%d bytes; at most %d", len(value), maxField)
	at := strings.IndexFunc(value, func(r rune) bool { return r != '\t' && (r < ' ' || r > '~') })
	if at >= 0 {
		c.fail(field, "holds %q at byte %d; write visible ASCII characters, spaces and tabs", string([]rune(value[at:])[0]), at)
	}
	c.check(value == strings.Trim(value, " \t"), field, "%q starts or ends with a space, which is not part of a value; leave it out", value)
}

// mediaType accepts a media type with or without parameters (RFC 9110, section 8.3.1), or none.
func (c *checker) mediaType(field, value string) {
	if value == "" {
		return
	}
	c.fieldValue(field, value)
	essence, _, _ := strings.Cut(value, ";")
	kind, sub, found := strings.Cut(strings.TrimRight(essence, " \t"), "/")
	c.check(found && isToken(kind) && isToken(sub), field, "%q is not a media type; write one such as application/json", value)
}
