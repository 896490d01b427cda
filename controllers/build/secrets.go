package build

import (
	"maps"
	"slices"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// Secret is one Secret that the sidecar mounts.
type Secret struct {
	Name string
	// Keys are the keys that are mounted, sorted and without doubles; no others are.
	Keys []string
}

// Secrets lists what the document refers to, sorted by name.
func Secrets(document *config.Document) []Secret {
	keys := map[string][]string{}
	for i := range document.Ambassadors {
		a := &document.Ambassadors[i]
		for j := range a.Credentials {
			c := &a.Credentials[j]
			keys[c.Secret] = append(keys[c.Secret], keysOf(c)...)
		}
		if t := a.Upstream.TLS; t != nil && t.CA != nil {
			keys[t.CA.Secret] = append(keys[t.CA.Secret], t.CA.Key)
		}
		if t := a.Upstream.TLS; t != nil && t.ClientCertificate != nil {
			c := t.ClientCertificate
			keys[c.Secret] = append(keys[c.Secret], c.CertificateKey, c.PrivateKeyKey)
		}
	}
	var out []Secret
	for _, name := range slices.Sorted(maps.Keys(keys)) {
		names := slices.Concat(keys[name], []string{config.BindingKey})
		slices.Sort(names)
		out = append(out, Secret{Name: name, Keys: slices.Compact(names)})
	}
	return out
}

func keysOf(c *config.Credential) []string {
	var keys []string
	if c.Header != nil {
		keys = append(keys, c.Header.Key)
	}
	if c.Query != nil {
		keys = append(keys, c.Query.Key)
	}
	if c.Bearer != nil {
		keys = append(keys, c.Bearer.Key)
	}
	if c.Basic != nil {
		keys = append(keys, c.Basic.UsernameKey, c.Basic.PasswordKey)
	}
	return keys
}
