package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// maxProgram and maxExample bound a program and each text of an example in bytes.
const (
	maxProgram = 16 << 10
	maxExample = 64 << 10
)

// response checks all but the programs, which only their compiler can judge; nil is well. captures are the route's.
func (c *checker) response(at string, r *Response, captures []string) {
	if r == nil {
		return
	}
	c.check(len(r.Rules) >= 1 && len(r.Rules) <= MaxRules, at+".rules", "%d entries; give 1 to %d", len(r.Rules), MaxRules)
	for i := range r.Rules {
		c.responseRule(fmt.Sprintf("%s.rules[%d]", at, i), &r.Rules[i], r.Stream)
	}
	c.check(slices.Contains([]StreamFormat{"", StreamLines, StreamEvents}, r.Stream), at+".stream", "%q is not one of lines, events", r.Stream)
	c.within(at+".maxBytes", r.MaxBytes, 1<<10, 16<<20)
	c.check(slices.Contains([]TooLarge{"", TooLargeRefuse, TooLargePass}, r.TooLarge), at+".tooLarge", "%q is not one of refuse, pass", r.TooLarge)
	c.check(r.Stream == "" || r.TooLarge != TooLargePass, at+".tooLarge", "%q can not hold for streams, whose events are always refused; leave it out", r.TooLarge)
	c.within(at+".maxOutputBytes", r.MaxOutputBytes, 1<<10, 16<<20)
	c.duration(at+".timeout", r.Timeout, time.Millisecond, time.Minute)
	c.check(len(r.Examples) <= MaxExamples, at+".examples", "%d entries; at most %d", len(r.Examples), MaxExamples)
	for i := range r.Examples {
		c.example(fmt.Sprintf("%s.examples[%d]", at, i), &r.Examples[i], captures)
	}
}

func (c *checker) responseRule(at string, r *ResponseRule, stream StreamFormat) {
	c.statuses(at+".statuses", r.Statuses)
	c.check(len(r.JQ) <= maxProgram, at+".jq", "%d bytes; at most %d", len(r.JQ), maxProgram)
	c.check(len(r.StatusJQ) <= maxProgram, at+".statusJQ", "%d bytes; at most %d", len(r.StatusJQ), maxProgram)
	c.check(r.StatusJQ == "" || r.JQ != "", at+".statusJQ", "reads what jq makes, and there is no jq; write jq too, such as .")
	c.check(r.StatusJQ == "" || stream == "", at+".statusJQ", "can not hold for streams, whose status has gone before their events; leave it out")
	c.mappedStatus(at+".status", r.Status)
	c.mediaType(at+".contentType", r.ContentType)
}

// statuses checks each pattern by itself, so that each has its error.
func (c *checker) statuses(field string, patterns []string) {
	c.check(len(patterns) <= MaxStatuses, field, "%d entries; at most %d", len(patterns), MaxStatuses)
	for i := range patterns {
		if _, err := ParseStatuses(patterns[i : i+1]); err != nil {
			c.fail(fmt.Sprintf("%s[%d]", field, i), "%s", err)
		}
	}
}

// mappedStatus accepts a final status whose answer has content (RFC 9110, section 6.4.1), because the mapped one has.
func (c *checker) mappedStatus(field string, status int) {
	c.within(field, int64(status), 200, highestStatus)
	c.check(status != 204 && status != 205 && status != 304, field, "%d is answered without content; write another, such as 200", status)
}

func (c *checker) example(at string, e *Example, captures []string) {
	c.within(at+".status", int64(e.Status), 200, highestStatus)
	c.within(at+".outputStatus", int64(e.OutputStatus), 200, highestStatus)
	c.check(len(e.Input) <= maxExample, at+".input", "%d bytes; at most %d", len(e.Input), maxExample)
	c.check(len(e.Output) <= maxExample, at+".output", "%d bytes; at most %d", len(e.Output), maxExample)
	c.check(e.Output == "" || json.Valid([]byte(e.Output)), at+".output", "is not JSON; write the JSON that shall come out, or leave it out")
	for _, name := range slices.Sorted(maps.Keys(e.Captures)) {
		c.check(slices.Contains(captures, name), at+".captures", "%q is not captured by the route's path; leave it out", name)
	}
	c.check(len(e.Query) <= maxEdits, at+".query", "%d entries; at most %d", len(e.Query), maxEdits)
}
