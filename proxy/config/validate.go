package config

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
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
	names, ports := map[string]int{}, map[int]int{}
	for i := range d.Ambassadors {
		a := &d.Ambassadors[i]
		at := fmt.Sprintf("ambassadors[%d]", i)
		if first, taken := names[a.Name]; taken {
			c.fail(at+".name", "%q is the name of ambassadors[%d] too; give each its own", a.Name, first)
		}
		if first, taken := ports[a.Port]; taken {
			c.fail(at+".port", "%d is the port of ambassadors[%d] too; give each its own", a.Port, first)
		}
		names[a.Name], ports[a.Port] = i, i
		c.ambassador(at, a)
	}
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

func (c *checker) ambassador(at string, a *Ambassador) {
	c.check(isLabel(a.Name), at+".name", "%q is not a name of lower-case letters, digits and '-', at most 63 bytes", a.Name)
	c.check(a.Port >= 1024 && a.Port <= 65535, at+".port", "%d is out of range; give 1024 to 65535", a.Port)
	c.upstream(at+".upstream", &a.Upstream)
	c.credentials(at, a.Credentials)
	c.routes(at, a)
}

func (c *checker) upstream(at string, u *Upstream) {
	c.url(at+".url", u.URL)
	c.timeout(at+".timeouts.connect", u.Timeouts.Connect)
	c.timeout(at+".timeouts.response", u.Timeouts.Response)
	c.timeout(at+".timeouts.idle", u.Timeouts.Idle)
	c.check(len(u.DenyCIDRs) <= MaxDenyCIDRs, at+".denyCIDRs", "%d entries; at most %d", len(u.DenyCIDRs), MaxDenyCIDRs)
	for i, text := range u.DenyCIDRs {
		if _, err := netip.ParsePrefix(text); err != nil {
			c.fail(fmt.Sprintf("%s.denyCIDRs[%d]", at, i), "%q is not a range such as 169.254.0.0/16", text)
		}
	}
	if u.TLS != nil {
		c.check(strings.HasPrefix(u.URL, "https:"), at+".tls", "the upstream's URL is not https; change the URL or leave tls out")
		c.tls(at+".tls", u.TLS)
	}
}

func (c *checker) url(field, text string) {
	parsed, err := url.Parse(text)
	switch {
	case err != nil || (parsed.Scheme != "http" && parsed.Scheme != "https") || parsed.Opaque != "":
		c.fail(field, "%q is not an absolute http or https URL such as https://api.example.com/v1", text)
	case parsed.User != nil:
		c.fail(field, "holds user information; put it into a Secret and use a basic credential")
	case parsed.RawQuery != "" || parsed.ForceQuery || parsed.Fragment != "" || strings.Contains(text, "#"):
		c.fail(field, "%q holds a query or fragment; use query.set of a route", text)
	case !isHost(parsed.Hostname()):
		c.fail(field, "%q has no host that can be dialled", text)
	case !isPort(parsed.Port()) || strings.HasSuffix(parsed.Host, ":"):
		c.fail(field, "%q has a port out of 1 to 65535", text)
	case strings.ContainsAny(parsed.Path, "{}"):
		c.fail(field, "%q holds a brace; put captures into upstreamPath of a route", text)
	case parsed.Path != "":
		c.path(field, parsed.EscapedPath())
	}
}

func isHost(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return isHostName(host)
}

func isPort(port string) bool {
	if port == "" {
		return true
	}
	address, err := netip.ParseAddrPort("0.0.0.0:" + port)
	return err == nil && address.Port() != 0
}

func (c *checker) timeout(field string, d Duration) {
	in := d == 0 || (time.Duration(d) >= time.Millisecond && time.Duration(d) <= 24*time.Hour)
	c.check(in, field, "%s is out of range; give 1ms to 24h, or leave it out", time.Duration(d))
}

func (c *checker) tls(at string, t *TLS) {
	if t.CA != nil {
		c.secret(at+".ca.secret", t.CA.Secret)
		c.key(at+".ca.key", t.CA.Key)
	}
	if t.ClientCertificate != nil {
		c.secret(at+".clientCertificate.secret", t.ClientCertificate.Secret)
		c.key(at+".clientCertificate.certificateKey", t.ClientCertificate.CertificateKey)
		c.key(at+".clientCertificate.privateKeyKey", t.ClientCertificate.PrivateKeyKey)
	}
	c.check(t.ServerName == "" || isHost(t.ServerName), at+".serverName", "%q is not a host name", t.ServerName)
	c.check(slices.Contains([]string{"", "1.2", "1.3"}, t.MinVersion), at+".minVersion", "%q is not one of 1.2, 1.3", t.MinVersion)
}
