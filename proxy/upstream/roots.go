package upstream

import (
	"crypto/x509"
	"fmt"
	"sync"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// systemRoots returns the system's roots of trust, or those that were built in where the system has none, as in an empty
// container image. They are loaded at the first use, because a sidecar whose upstream is not TLS needs none of them.
var systemRoots = sync.OnceValues(func() (*x509.CertPool, error) {
	roots, err := x509.SystemCertPool()
	if err == nil && !roots.Equal(x509.NewCertPool()) {
		return roots, nil
	}
	return builtInRoots()
})

func builtInRoots() (*x509.CertPool, error) {
	roots := x509.NewCertPool()
	for root := range bundle.Roots() {
		certificate, err := x509.ParseCertificate(root.Certificate)
		if err != nil {
			return nil, fmt.Errorf("built-in root: %w", err)
		}
		if root.Constraint != nil {
			roots.AddCertWithConstraint(certificate, root.Constraint)
		} else {
			roots.AddCert(certificate)
		}
	}
	return roots, nil
}
