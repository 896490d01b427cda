package build

import (
	"cmp"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// Document returns what the sidecar serves for the Ambassador. It is not validated: a caller that takes resources which
// no API server has checked calls [config.Document.Validate].
func Document(a *v1alpha1.Ambassador) *config.Document {
	document := &config.Document{
		Version: config.Version,
		Ambassadors: []config.Ambassador{{
			Name:        a.Name,
			Port:        int(a.Spec.Port),
			Upstream:    upstream(&a.Spec),
			Credentials: credentials(&a.Spec),
			Routes:      routes(a.Spec.Routes),
		}},
	}
	if sidecar := a.Spec.Sidecar; sidecar != nil {
		document.LogLevel = config.LogLevel(strings.ToLower(string(sidecar.LogLevel)))
		document.AccessLog = accessLog(sidecar.AccessLog)
	}
	return document
}

func accessLog(log v1alpha1.AccessLog) config.AccessLog {
	if log == v1alpha1.AccessLogNone {
		return config.AccessLogOff
	}
	return config.AccessLog(strings.ToLower(string(log)))
}

func upstream(spec *v1alpha1.AmbassadorSpec) config.Upstream {
	u := &spec.Upstream
	out := config.Upstream{URL: string(u.URL), TLS: tls(spec, u.TLS)}
	if t := u.Timeouts; t != nil {
		out.Timeouts = config.Timeouts{Connect: duration(t.Connect), Response: duration(t.Response), Idle: duration(t.Idle)}
	}
	if u.DenyCIDRs != nil {
		out.DenyCIDRs = make([]string, 0, len(u.DenyCIDRs))
		for _, cidr := range u.DenyCIDRs {
			out.DenyCIDRs = append(out.DenyCIDRs, string(cidr))
		}
	}
	return out
}

func duration(d *metav1.Duration) config.Duration {
	if d == nil {
		return 0
	}
	return config.Duration(d.Duration)
}

// tlsVersions translates Kubernetes' spelling to the document's.
var tlsVersions = map[v1alpha1.TLSVersion]string{v1alpha1.TLS12: "1.2", v1alpha1.TLS13: "1.3"}

func tls(spec *v1alpha1.AmbassadorSpec, t *v1alpha1.UpstreamTLS) *config.TLS {
	if t == nil {
		return nil
	}
	out := &config.TLS{
		ServerName:         t.ServerName,
		MinVersion:         tlsVersions[t.MinVersion],
		InsecureSkipVerify: t.InsecureSkipVerify,
	}
	if ca := t.CA; ca != nil {
		out.CA = &config.FileRef{Secret: secretOf(spec, ca.Secret), Key: orKey(ca.Key, "ca.crt")}
	}
	if c := t.ClientCertificate; c != nil {
		out.ClientCertificate = &config.ClientCertificate{
			Secret:         secretOf(spec, c.Secret),
			CertificateKey: orKey(c.CertificateKey, "tls.crt"),
			PrivateKeyKey:  orKey(c.PrivateKeyKey, "tls.key"),
		}
	}
	return out
}

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

func routes(in []v1alpha1.Route) []config.Route {
	var out []config.Route
	for i := range in {
		r := &in[i]
		route := config.Route{
			Path:         string(r.Path),
			Match:        config.Match(strings.ToLower(string(r.Match))),
			UpstreamPath: string(r.UpstreamPath),
		}
		for _, method := range r.Methods {
			route.Methods = append(route.Methods, string(method))
		}
		if r.Query != nil {
			route.Query = config.Query{Set: values(r.Query.Set), Default: values(r.Query.Default)}
		}
		out = append(out, route)
	}
	return out
}

func values(in map[string]v1alpha1.ParameterValue) map[string]string {
	if len(in) == 0 {
		return nil
	}
	out := make(map[string]string, len(in))
	for name, value := range in {
		out[name] = string(value)
	}
	return out
}
