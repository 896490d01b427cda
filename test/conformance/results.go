package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
)

// result is what became of one test.
type result struct {
	Suite, ID, Name, Kind string
	DependsOn             []string
	Passed                bool
	Error, Message        string
}

type results []result

// The kinds of tests: the suite's own, and those that are not for a private cache, which the suite counts among the others.
const (
	required = "required"
	optimal  = "optimal"
	check    = "check"
	notForIt = "not for it"
)

// isForShared knows what only shared caches must do: the tests that say so, and those of s-maxage and proxy-revalidate
// (RFC 9111 sections 5.2.2.10 and 5.2.2.8).
var isForShared = regexp.MustCompile(`(?i)shared|s-maxage|proxy-revalidate`)

// contradictory checks the opposite of what its name says: that "Age: 0,7200" counts as fresh, while the suite wants "0, 0"
// to be stale.
const contradictory = "age-parse-prefix"

func (r *result) kind() string {
	if isForShared.MatchString(r.Name) || r.ID == contradictory {
		return notForIt
	}
	return r.Kind
}

// verdict is what became of a test.
type verdict string

const (
	passed   verdict = "passed"
	failed   verdict = "failed"
	untested verdict = "untested" // what it builds on does not hold, or its setup failed
)

// verdictOf judges as the suite's own display does: a test counts only where those that it depends on passed.
func (all results) verdictOf(r *result) verdict {
	for _, id := range r.DependsOn {
		i := slices.IndexFunc(all, func(other result) bool { return other.ID == id })
		if i >= 0 && all.verdictOf(&all[i]) != passed {
			return untested
		}
	}
	switch {
	case r.Passed:
		return passed
	case r.Error == "Setup":
		return untested
	}
	return failed
}

// failures lists the required tests that failed.
func failures(all results) []string {
	var ids []string
	for i := range all {
		if all[i].kind() == required && all.verdictOf(&all[i]) == failed {
			ids = append(ids, all[i].ID)
		}
	}
	return ids
}

// tally counts the verdicts on a suite's tests of one kind.
func (all results) tally(suite, kind string) (pass, fail, total int) {
	for i := range all {
		if r := &all[i]; (suite == "" || r.Suite == suite) && r.kind() == kind {
			total++
			switch all.verdictOf(r) {
			case passed:
				pass++
			case failed:
				fail++
			}
		}
	}
	return pass, fail, total
}

// table is the results by category, in Markdown.
func table(ours, nginx results) string {
	var text strings.Builder
	text.WriteString("| category | required: sidecar | nginx | optimal: sidecar | nginx | behaviour: sidecar | nginx | not for it: sidecar | nginx |\n|---|---|---|---|---|---|---|---|---|\n")
	var suites []string
	for i := range ours {
		if !slices.Contains(suites, ours[i].Suite) {
			suites = append(suites, ours[i].Suite)
		}
	}
	for _, suite := range append(suites, "") {
		name := suite
		if suite == "" {
			name = "**all**"
		}
		fmt.Fprintf(&text, "| %s |", name)
		for _, kind := range []string{required, optimal, check, notForIt} {
			for _, all := range []results{ours, nginx} {
				text.WriteString(cell(all.tally(suite, kind)))
			}
		}
		text.WriteString("\n")
	}
	return text.String()
}

func cell(pass, fail, total int) string {
	switch {
	case total == 0:
		return " |"
	case fail > 0:
		return fmt.Sprintf(" %d of %d, %d failed |", pass, total, fail)
	}
	return fmt.Sprintf(" %d of %d |", pass, total)
}

// list prints each test in which the two differ, or that the sidecar does not pass.
func list(ours, nginx results) {
	for i := range ours {
		r := &ours[i]
		own, other := ours.verdictOf(r), nginx.verdictOf(&nginx[i])
		if own != passed || own != other {
			fmt.Printf("%-9s sidecar %-9s nginx %-9s %s: %s (%s %s)\n", r.kind(), own, other, r.ID, r.Name, r.Error, r.Message)
		}
	}
}

// The table stands between these lines.
const (
	opening = "<!-- conformance: written by make conformance -->\n"
	closing = "<!-- conformance: end -->\n"
)

// write puts the table into a file, or prints it.
func write(into, table string) error {
	if into == "" {
		fmt.Print(table)
		return nil
	}
	text, err := os.ReadFile(into)
	if err != nil {
		return err
	}
	before, rest, found := strings.Cut(string(text), opening)
	_, after, closed := strings.Cut(rest, closing)
	if !found || !closed {
		return fmt.Errorf("%s has no place for the table, between the lines %q and %q", into, opening, closing)
	}
	return os.WriteFile(into, []byte(before+opening+table+closing+after), 0o600)
}
