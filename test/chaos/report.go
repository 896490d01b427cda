package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// sum adds the metrics of this name that have all these labels.
func sum(figures map[string]float64, name string, labels ...string) (total int) {
	for key, value := range figures {
		own, rest, _ := strings.Cut(key, "{")
		if own == name && !slices.ContainsFunc(labels, func(l string) bool { return !strings.Contains(rest, l) }) {
			total += int(value)
		}
	}
	return total
}

// report prints what was seen, and judges it.
func report(s settings, c *seen, figures map[string]float64, v *service) error {
	of := func(name string, labels ...string) int { return sum(figures, "ambassador_"+name, labels...) }
	sent, replayed := of("retries_total", `result="sent"`), of("retries_total", `reason="kept-connection"`)
	overdue := of("upstream_failures_total", `reason="deadline-exceeded"`)
	calls, none := of("endpoint_calls_total"), of("requests_total", `code="none"`)
	budget := max(3, s.clients/5)
	fmt.Printf("clients: sent %d, answered %v by class, cut off %d, went away %d, latest %s beyond a deadline\n",
		c.sent, c.classes[1:], c.cut, c.gone, c.slowest.Round(time.Millisecond))
	for _, code := range slices.Sorted(maps.Keys(c.problems)) {
		fmt.Printf("  %-22s %d\n", orNone(code), c.problems[code])
	}
	fmt.Printf("sidecar: requests %d, without an answer %d, calls %d, sent again %d, turned down by the budget %d, circuit opened %d, cool-downs %d\n",
		of("requests_total"), none, calls, sent, of("retries_total", `result="budget"`), of("circuit_breaker_opened_total"), of("cool_downs_total"))
	fmt.Printf("service: received %d, of them again %d, again at one time %d at most (budget %d)\n", v.received, v.again, v.most, budget)

	var wrong []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			wrong = append(wrong, fmt.Errorf(format, args...))
		}
	}
	check(c.sent > 0 && v.again > 0 && c.gone > 0, "nothing happened")
	check(len(v.twice) == 0, "processed twice: %v", v.twice)
	check(len(c.late) == 0, "beyond their deadline by more than %s: %v", slack, c.late)
	check(len(c.lost) == 0, "without an answer: %v", c.lost[:min(len(c.lost), 5)])
	// The service sees that an attempt was given up a moment after the place in the budget has gone to the next.
	check(v.most <= budget+2, "%d retries at one time, the budget is %d", v.most, budget)

	more := of("requests_total") - c.sent
	check(more >= 0 && more <= c.unsure, "the sidecar counts %d requests, the clients sent %d and perhaps %d", of("requests_total"), c.sent, c.unsure)
	left := c.gone
	for class := 1; class < len(c.classes); class++ { // what a client that went was answered in vain
		more := of("requests_total", fmt.Sprintf(`code="%dxx"`, class)) - c.classes[class]
		check(more >= 0, "the clients saw %d answers %dxx more than the sidecar gave", -more, class)
		left -= more
	}
	check(left <= none && left+c.unsure >= none, "%d clients got no answer and perhaps %d, the sidecar counts %d", left, c.unsure, none)
	// Of an attempt whose client went, or whose time had passed before it was sent, one of the two may know alone.
	unsure := c.gone + c.unsure + overdue
	check(v.received >= calls+replayed-unsure && v.received <= calls+replayed+unsure,
		"the service received %d requests, the sidecar made %d calls and %d replays; they differ by more than %d", v.received, calls, replayed, unsure)
	check(v.again <= sent && v.again >= sent-unsure, "the service was asked again %d times, the sidecar did so %d times; they differ by more than %d", v.again, sent, unsure)
	return errors.Join(wrong...)
}

func orNone(code string) string {
	if code == "" {
		return "(the service's own)"
	}
	return code
}
