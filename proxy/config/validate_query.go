package config

import (
	"fmt"
	"maps"
	"slices"
)

// query checks edits of parameters, and that they leave alone what credentials set; captures are the names that values
// may insert.
func (c *checker) query(at string, q *Query, captures []string, owned map[string]bool) {
	c.check(len(q.Remove) <= maxEdits, at+".remove", "%d entries; at most %d", len(q.Remove), maxEdits)
	for i, name := range q.Remove {
		c.parameterName(fmt.Sprintf("%s.remove[%d]", at, i), name)
	}
	c.rename(at, q, owned)
	c.parameters(at+".set", q.Set, captures, owned)
	c.parameters(at+".default", q.Default, captures, owned)
}

func (c *checker) rename(at string, q *Query, owned map[string]bool) {
	field := at + ".rename"
	c.check(len(q.Rename) <= maxEdits, field, "%d entries; at most %d", len(q.Rename), maxEdits)
	taken := map[string]string{}
	for _, from := range slices.Sorted(maps.Keys(q.Rename)) {
		to := q.Rename[from]
		c.parameterName(field, from)
		c.parameterName(field+"."+from, to)
		c.check(from != to, field+"."+from, "%q is its own new name; leave it out", to)
		c.check(!slices.Contains(q.Remove, from), field, "%q is removed too; leave it out of one", from)
		c.unowned(field+"."+from, to, owned)
		if first, found := taken[to]; found {
			c.fail(field+"."+from, "%q is the new name of %q too; give each its own", to, first)
		}
		taken[to] = from
	}
}

func (c *checker) parameters(field string, values map[string]string, captures []string, owned map[string]bool) {
	c.check(len(values) <= maxEdits, field, "%d entries; at most %d", len(values), maxEdits)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		value := values[name]
		c.parameterName(field, name)
		c.unowned(field, name, owned)
		c.check(len(value) <= maxParameter, field+"."+name, "%d bytes; at most %d", len(value), maxParameter)
		for _, capture := range insertedBy(value) {
			c.check(slices.Contains(captures, capture), field+"."+name, "{%s} is not captured by the route's path; capture it there, or leave it out", capture)
		}
	}
}

func (c *checker) parameterName(field, name string) {
	c.check(isParameter(name), field, "%q is not a parameter name of 1 to 256 visible ASCII characters", name)
}

func (c *checker) unowned(field, name string, owned map[string]bool) {
	c.check(!owned["parameter "+foldName(name)], field, "%q is a credential's parameter; leave it out", name)
}
