package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

func (c *checker) upstream(at string, u *Upstream, owned map[string]bool) {
	c.url(at+".url", u.URL)
	c.failover(at, u)
	c.health(at+".health", &u.Health)
	c.timeouts(at+".timeouts", &u.Timeouts, owned)
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

// failover checks the further URLs. One that is plain http beside an https one would send in clear what the other
// protects, just when somebody has made the other one fail.
func (c *checker) failover(at string, u *Upstream) {
	c.check(len(u.Failover) <= MaxFailover, at+".failover", "%d entries; at most %d", len(u.Failover), MaxFailover)
	for i, text := range u.Failover {
		field := fmt.Sprintf("%s.failover[%d]", at, i)
		c.url(field, text)
		c.check(!strings.HasPrefix(u.URL, "https:") || !strings.HasPrefix(text, "http:"),
			field, "%q is plain http, and the upstream's URL is https; write https", text)
		c.check(text != u.URL && !slices.Contains(u.Failover[:i], text), field, "%q stands before; name each URL once", text)
	}
}

func (c *checker) health(at string, h *Health) {
	c.within(at+".failures", int64(h.Failures), 1, 100)
	c.duration(at+".retryAfter", h.RetryAfter, time.Second, time.Hour)
	if p := h.Probe; p != nil {
		c.path(at+".probe.path", p.Path)
		c.check(len(CapturesOf(p.Path)) == 0, at+".probe.path", "%q holds a capture; write the plain path", p.Path)
		c.statuses(at+".probe.statuses", p.Statuses)
		c.duration(at+".probe.interval", p.Interval, time.Second, time.Hour)
		c.duration(at+".probe.timeout", p.Timeout, time.Millisecond, time.Minute)
	}
}

// timeouts checks an upstream's or a route's; owned are the targets of credentials.
func (c *checker) timeouts(at string, t *Timeouts, owned map[string]bool) {
	c.duration(at+".connect", t.Connect, time.Millisecond, 24*time.Hour)
	c.duration(at+".response", t.Response, time.Millisecond, 24*time.Hour)
	c.duration(at+".idle", t.Idle, time.Millisecond, 24*time.Hour)
	c.duration(at+".call", t.Call, time.Millisecond, 24*time.Hour)
	if t.DeadlineHeader != "" {
		c.editable(at+".deadlineHeader", t.DeadlineHeader, owned)
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
