package build

import (
	"cmp"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// secretOf names the Secret that a reference, or else the spec, gives; "" where neither does.
func secretOf(spec *v1alpha1.AmbassadorSpec, own *v1alpha1.SecretReference) string {
	reference := cmp.Or(own, spec.Secret)
	if reference == nil {
		return ""
	}
	return string(reference.Name)
}

// orKey repeats the schema's default, for resources that have not been through an API server.
func orKey(key v1alpha1.SecretKey, fallback string) string {
	return cmp.Or(string(key), fallback)
}

func credentials(spec *v1alpha1.AmbassadorSpec) []config.Credential {
	var out []config.Credential
	for i := range spec.Credentials {
		out = append(out, credential(spec, &spec.Credentials[i]))
	}
	return out
}

func credential(spec *v1alpha1.AmbassadorSpec, c *v1alpha1.Credential) config.Credential {
	out := config.Credential{Secret: secretOf(spec, c.Secret)}
	if h := c.Header; h != nil {
		out.Header = &config.HeaderCredential{Name: string(h.Name), Key: string(h.Key), Prefix: h.Prefix}
	}
	if q := c.Query; q != nil {
		out.Query = &config.QueryCredential{Name: string(q.Name), Key: string(q.Key)}
	}
	if b := c.Bearer; b != nil {
		out.Bearer = &config.BearerCredential{Key: string(b.Key)}
	}
	if b := c.Basic; b != nil {
		out.Basic = &config.BasicCredential{UsernameKey: orKey(b.UsernameKey, "username"), PasswordKey: orKey(b.PasswordKey, "password")}
	}
	return out
}
