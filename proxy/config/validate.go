package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// DefaultDenyCIDRs are the link-local ranges in which clouds serve instance metadata, and with it credentials.
var DefaultDenyCIDRs = []string{"169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128"}

// Validate reports every breach of the document's rules, each with the path of its field, joined one a line.
func (d *Document) Validate() error {
	var c checker
	c.check(d.Version == Version, "version", "%q is not supported; this sidecar reads %q", d.Version, Version)
	c.check(slices.Contains([]AccessLog{"", AccessLogOff, AccessLogErrors, AccessLogAll}, d.AccessLog),
		"accessLog", "%q is not one of off, errors, all", d.AccessLog)
	c.check(slices.Contains([]LogLevel{"", LogDebug, LogInfo, LogWarn, LogError}, d.LogLevel),
		"logLevel", "%q is not one of debug, info, warn, error", d.LogLevel)
	c.check(len(d.Ambassadors) >= 1 && len(d.Ambassadors) <= MaxAmbassadors,
		"ambassadors", "%d entries; give 1 to %d", len(d.Ambassadors), MaxAmbassadors)
	names := map[string]int{}
	for i := range d.Ambassadors {
		a := &d.Ambassadors[i]
		at := fmt.Sprintf("ambassadors[%d]", i)
		if first, taken := names[a.Name]; taken {
			c.fail(at+".name", "%q is the name of ambassadors[%d] too; give each its own", a.Name, first)
		}
		names[a.Name] = i
		c.ambassador(at, a)
	}
	c.sharedPorts(d.Ambassadors)
	return errors.Join(c.errs...)
}

type checker struct{ errs []error }

func (c *checker) fail(field, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("%s: %s", field, fmt.Sprintf(format, args...)))
}

func (c *checker) check(ok bool, field, format string, args ...any) {
	if !ok {
		c.fail(field, format, args...)
	}
}

// within checks a number that may be left out as zero.
func (c *checker) within(field string, n, low, high int64) {
	c.check(n == 0 || (n >= low && n <= high), field, "%d is out of range; give %d to %d, or leave it out", n, low, high)
}

// duration checks a duration that may be left out as zero.
func (c *checker) duration(field string, d Duration, low, high time.Duration) {
	given := time.Duration(d)
	c.check(given == 0 || (given >= low && given <= high), field, "%s is out of range; give %s to %s, or leave it out", given, short(low), short(high))
}

// short writes a bound as a person would: "24h" for "24h0m0s".
func short(d time.Duration) string {
	text := d.String()
	text = strings.TrimSuffix(text, "0s")
	if cut, found := strings.CutSuffix(text, "h0m"); found {
		return cut + "h"
	}
	return text
}

func (c *checker) ambassador(at string, a *Ambassador) {
	c.check(isLabel(a.Name), at+".name", "%q is not a name of lower-case letters, digits and '-', at most 63 bytes", a.Name)
	c.check(a.Port >= 1024 && a.Port <= 65535, at+".port", "%d is out of range; give 1024 to 65535", a.Port)
	c.upstream(at+".upstream", &a.Upstream, targetsOf(a.Credentials))
	c.credentials(at, a.Credentials)
	c.routes(at, a)
	c.policy(at+".policy", &a.Policy, targetsOf(a.Credentials))
}
