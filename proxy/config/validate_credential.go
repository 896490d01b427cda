package config

import (
	"fmt"
	"strings"
)

// BindingKey is the key of a Secret that lists the upstreams where its values may be spent.
const BindingKey = "allowed-upstreams"

func (c *checker) secret(field, name string) {
	c.check(isSubdomain(name), field, "%q is not the name of a Secret; lower-case letters, digits, '-' and '.', at most 253 bytes", name)
}

func (c *checker) key(field, key string) {
	c.check(isKey(key), field, "%q is not a key of a Secret; letters, digits, '-', '_' and '.', at most 253 bytes", key)
	c.check(key != BindingKey, field, "%q says where the Secret may be spent and is no credential; name another key", key)
}

// credentials checks each, and that no two claim the same field or parameter.
func (c *checker) credentials(at string, credentials []Credential) {
	c.check(len(credentials) <= MaxCredentials, at+".credentials", "%d entries; at most %d", len(credentials), MaxCredentials)
	taken := map[string]int{}
	for i := range credentials {
		field := fmt.Sprintf("%s.credentials[%d]", at, i)
		c.credential(field, &credentials[i])
		target := target(&credentials[i])
		if first, found := taken[target]; found && target != "" {
			c.fail(field, "sets the %s, as credentials[%d] does; give each its own", target, first)
		}
		taken[target] = i
	}
}

// target names what a credential sets, in one spelling for all that services take for the same; "" for no kind.
func target(cr *Credential) string {
	switch {
	case cr.Bearer != nil, cr.Basic != nil:
		return "header authorization"
	case cr.Header != nil:
		return "header " + foldName(cr.Header.Name)
	case cr.Query != nil:
		return "parameter " + foldName(cr.Query.Name)
	}
	return ""
}

// targetsOf collects what the credentials set.
func targetsOf(credentials []Credential) map[string]bool {
	targets := map[string]bool{}
	for i := range credentials {
		if target := target(&credentials[i]); target != "" {
			targets[target] = true
		}
	}
	return targets
}

// foldName returns one spelling for the names that services take for the same.
func foldName(name string) string {
	return strings.NewReplacer("_", "-", ".", "-", " ", "-").Replace(strings.ToLower(name))
}

func (c *checker) credential(at string, cr *Credential) {
	c.secret(at+".secret", cr.Secret)
	kinds := 0
	if h := cr.Header; h != nil {
		kinds++
		c.headerName(at+".header.name", h.Name)
		c.key(at+".header.key", h.Key)
		c.check(isPrefix(h.Prefix), at+".header.prefix", "%q holds a control or non-ASCII byte, or is over 256 bytes", h.Prefix)
	}
	if q := cr.Query; q != nil {
		kinds++
		c.check(isParameter(q.Name), at+".query.name", "%q is not a parameter name of 1 to 256 visible ASCII characters", q.Name)
		c.key(at+".query.key", q.Key)
	}
	if b := cr.Bearer; b != nil {
		kinds++
		c.key(at+".bearer.key", b.Key)
	}
	if b := cr.Basic; b != nil {
		kinds++
		c.key(at+".basic.usernameKey", b.UsernameKey)
		c.key(at+".basic.passwordKey", b.PasswordKey)
	}
	c.check(kinds == 1, at, "%d kinds are set; give exactly one of header, query, bearer, basic", kinds)
}

func (c *checker) headerName(field, name string) {
	c.check(isToken(name), field, "%q is not a header name (RFC 9110, section 5.1)", name)
	c.check(!isFraming(name), field, "%q frames the message; a credential can not be put there", name)
}
