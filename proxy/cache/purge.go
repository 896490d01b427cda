package cache

import (
	"net/url"

	"github.com/ambassador-operator/ambassador-operator/proxy/http1"
)

// Purges reports whether an answer to a request of this method means that what is kept of its target holds no more (RFC 9111
// section 4.4): the method is not known to be safe, and it was not an error.
func Purges(method []byte, status int) bool {
	switch string(method) {
	case "GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT", "SEARCH":
		return false
	}
	return status >= 200 && status < 400
}

// Related lists the further targets that such an answer to a request for target at host concerns: those of Location and
// Content-Location, where they are of the same host.
func Related(host, target string, fields []http1.Field) []string {
	base, err := url.Parse("http://" + host + target)
	if err != nil {
		return nil
	}
	var related []string
	for i := range fields {
		f := &fields[i]
		if !f.Is("location") && !f.Is("content-location") {
			continue
		}
		if other, err := base.Parse(string(f.Value)); err == nil && other.Host == base.Host {
			related = append(related, other.RequestURI())
		}
	}
	return related
}
