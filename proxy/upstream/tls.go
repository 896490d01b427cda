package upstream

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

const (
	// maxFile bounds a CA bundle, a certificate chain and a private key, each.
	maxFile = 1 << 20
	// sessions is the number of TLS sessions kept for resumption: one suffices for one server, a few serve several.
	sessions = 8
)

// credentials is how TLS is spoken with one service. The files are read at each dial, and what was made of them is kept as
// long as they are the same, or when they become unusable.
type credentials struct {
	options config.TLS
	host    string
	folder  string
	logger  *slog.Logger

	mutex  sync.Mutex
	config *tls.Config       // nil before the first dial
	digest [sha256.Size]byte // of the files that config was made of, or of those that were refused last
}

func newCredentials(options *config.TLS, host, folder string, logger *slog.Logger) *credentials {
	c := &credentials{host: host, folder: folder, logger: logger}
	if options != nil {
		c.options = *options
	}
	if c.options.ServerName != "" {
		c.host = c.options.ServerName
	}
	if c.logger == nil {
		c.logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// handshake puts TLS on top of the connection's transport.
func (c *credentials) handshake(ctx context.Context, conn *Conn) error {
	settings, err := c.current()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrTLS, err)
	}
	secure := tls.Client(&conn.wire, settings)
	if err := secure.HandshakeContext(ctx); err != nil {
		return fmt.Errorf("%w: %w", ErrTLS, err)
	}
	conn.Conn, conn.secure = secure, true
	return nil
}

// material is the content of the files.
type material struct{ ca, chain, key []byte }

func (m *material) digest() (sum [sha256.Size]byte) {
	h := sha256.New()
	for _, part := range [][]byte{m.ca, m.chain, m.key} {
		fmt.Fprintf(h, "%d:", len(part))
		h.Write(part)
	}
	h.Sum(sum[:0])
	return sum
}

// current returns the settings for a handshake now.
func (c *credentials) current() (*tls.Config, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	m, err := c.read()
	digest := m.digest()
	if c.config != nil && digest == c.digest {
		return c.config, nil
	}
	var next *tls.Config
	if err == nil {
		next, err = c.build(m)
	}
	switch {
	case err == nil:
		c.config = next
	case c.config == nil:
		return nil, err
	default:
		c.logger.Warn("the upstream's TLS files can not be used; the last good ones stay in use", "host", c.host, "error", err)
	}
	c.digest = digest
	return c.config, nil
}

func (c *credentials) read() (m material, err error) {
	if ca := c.options.CA; ca != nil {
		m.ca, err = c.file(ca.Secret, ca.Key)
	}
	if pair := c.options.ClientCertificate; pair != nil && err == nil {
		m.chain, err = c.file(pair.Secret, pair.CertificateKey)
		if err == nil {
			m.key, err = c.file(pair.Secret, pair.PrivateKeyKey)
		}
	}
	return m, err
}

func (c *credentials) file(secret, key string) ([]byte, error) {
	f, err := os.Open(filepath.Join(c.folder, secret, key))
	if err != nil {
		return nil, fmt.Errorf("secret %q, key %q: %w", secret, key, err)
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(content) > maxFile {
		err = errors.New("over 1 MiB")
	}
	if err != nil {
		return nil, fmt.Errorf("secret %q, key %q: %w", secret, key, err)
	}
	return content, nil
}

func (c *credentials) build(m material) (*tls.Config, error) {
	roots, err := rootsWith(m.ca)
	if err != nil {
		return nil, err
	}
	settings := &tls.Config{
		RootCAs:            roots,
		ServerName:         c.host,
		NextProtos:         []string{"http/1.1"},
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: c.options.InsecureSkipVerify,
		ClientSessionCache: tls.NewLRUClientSessionCache(sessions),
		// Requests are written whole: small first records would only split them.
		DynamicRecordSizingDisabled: true,
	}
	if c.options.MinVersion == "1.3" {
		settings.MinVersion = tls.VersionTLS13
	}
	if c.options.ClientCertificate != nil {
		pair, err := tls.X509KeyPair(m.chain, m.key)
		if err != nil {
			return nil, fmt.Errorf("client certificate: %w", err)
		}
		settings.Certificates = []tls.Certificate{pair}
	}
	return settings, nil
}

// rootsWith returns the roots of trust with those of a PEM bundle added, which may be empty.
func rootsWith(bundle []byte) (*x509.CertPool, error) {
	roots, err := systemRoots()
	if err != nil || len(bundle) == 0 {
		return roots, err
	}
	roots = roots.Clone()
	if !roots.AppendCertsFromPEM(bundle) {
		return nil, errors.New("ca: no certificate in PEM form")
	}
	return roots, nil
}
