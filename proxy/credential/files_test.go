package credential_test

import (
	"testing"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
	"github.com/ambassador-operator/ambassador-operator/proxy/credential"
)

// withTLS is an ambassador that presents a client certificate and trusts a CA, both from Secrets.
func withTLS() *config.Ambassador {
	a := ambassador(bearer)
	a.Upstream.TLS = &config.TLS{
		CA:                &config.FileRef{Secret: "ca", Key: "ca.crt"},
		ClientCertificate: &config.ClientCertificate{Secret: "client", CertificateKey: "tls.crt", PrivateKeyKey: "tls.key"},
	}
	return a
}

func TestMissingTLSFilesRefuseRequestsUntilTheyCome(t *testing.T) {
	f := newFolder(t)
	f.write("s", "token", "abc")
	set := f.open(withTLS())
	if set.Current().Missing == nil {
		t.Error("nothing is missing")
	}
	var named []string
	for _, problem := range set.Problems() {
		named = append(named, problem.Secret+"/"+problem.Key+" "+string(problem.State))
	}
	if len(named) != 3 || named[0] != "ca/ca.crt missing" || named[1] != "client/tls.crt missing" || named[2] != "client/tls.key missing" {
		t.Errorf("problems: %q", named)
	}
	f.write("ca", "ca.crt", "-----BEGIN CERTIFICATE-----\n")
	f.write("client", "tls.crt", "-----BEGIN CERTIFICATE-----\n")
	f.write("client", "tls.key", "-----BEGIN PRIVATE KEY-----\n")
	set.Load()
	if now := set.Current(); now.Missing != nil || string(now.Fields.Bytes()) != "Authorization: Bearer abc\r\n" {
		t.Errorf("with all files: %v, %q", now.Missing, now.Fields.Bytes())
	}
}

func TestAClientCertificateIsBoundToItsUpstreamsToo(t *testing.T) {
	f := newFolder(t)
	f.write("s", "token", "abc")
	f.write("ca", "ca.crt", "x")
	f.write("client", "tls.crt", "x")
	f.write("client", "tls.key", "x")
	f.write("client", config.BindingKey, "https://other.example.com\n")
	set := f.open(withTLS())
	if set.Current().Refused == nil || set.Problems()[0].State != credential.NotAllowed {
		t.Errorf("refused: %v", set.Current().Refused)
	}
}
