package http1

import "bytes"

var comma = []byte{','}

// option is a set of connection options that mean something to this hop.
type option uint8

const (
	optionClose option = 1 << iota
	optionKeepAlive
	optionUpgrade
)

// addConnection takes in one Connection field (RFC 9110 section 7.6.1). What it nominates is dropped; the fields that this hop reads itself (framing, Host)
// are none the less read, so that nobody can strip them by nominating them.
func (said *facts) addConnection(fields []Field, value []byte) error {
	if o := optionOf(value); o != 0 { // nearly always
		said.options |= o
		return nil
	}
	for more := true; more; {
		var element []byte
		element, value, more = bytes.Cut(value, comma)
		if element = trimSpace(element); len(element) == 0 {
			continue
		}
		if o := optionOf(element); o != 0 {
			said.options |= o
			continue
		}
		if said.nominees++; said.nominees > maxConnectionOptions || !isToken(element) {
			return ErrConnection
		}
		nominate(fields, element)
	}
	return nil
}

func optionOf(element []byte) option {
	switch {
	case equalFold(element, "close"):
		return optionClose
	case equalFold(element, "keep-alive"):
		return optionKeepAlive
	case equalFold(element, "upgrade"):
		return optionUpgrade
	}
	return 0
}

func nominate(fields []Field, name []byte) {
	for i := range fields {
		if f := &fields[i]; equalFoldBytes(f.Name, name) {
			f.Drop = true
		}
	}
}

// closes tells whether the connection ends with the message (RFC 9112 section 9.3).
func (o option) closes(minor uint8) bool {
	return o&optionClose != 0 || minor == 0 && o&optionKeepAlive == 0
}

// listHas reports whether a comma-separated list has this element, given in lower case.
func listHas(list []byte, lower string) bool {
	for more := true; more; {
		var element []byte
		element, list, more = bytes.Cut(list, comma)
		if equalFold(trimSpace(element), lower) {
			return true
		}
	}
	return false
}

// judgeUpgrade checks a list of protocols, "name [/ version]" each (RFC 9110 section 7.8). safe is false where one of them would carry further HTTP
// requests, past everything that this proxy checks.
func judgeUpgrade(list []byte) (safe bool, err error) {
	safe = true
	for more := true; more; {
		var element []byte
		element, list, more = bytes.Cut(list, comma)
		name, version, versioned := bytes.Cut(trimSpace(element), []byte{'/'})
		if !isToken(name) || versioned && !isToken(version) {
			return false, ErrUpgrade
		}
		if carriesHTTP(name) {
			safe = false
		}
	}
	return safe, nil
}

func carriesHTTP(protocol []byte) bool {
	for _, name := range [...]string{"h2c", "h2", "h3", "http", "https", "tls"} {
		if equalFold(protocol, name) {
			return true
		}
	}
	return false
}
