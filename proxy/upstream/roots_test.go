package upstream

import (
	"crypto/x509"
	"testing"
)

func TestTheBuiltInRootsAreUsable(t *testing.T) {
	roots, err := builtInRoots()
	if err != nil {
		t.Fatal(err)
	}
	if roots.Equal(x509.NewCertPool()) {
		t.Error("there are none")
	}
}

func TestABundleIsAddedToTheRoots(t *testing.T) {
	if _, err := rootsWith([]byte("no certificate")); err == nil {
		t.Error("a bundle without a certificate is accepted")
	}
}
