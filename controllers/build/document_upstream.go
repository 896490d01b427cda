package build

import (
	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

func upstream(spec *v1alpha1.AmbassadorSpec) config.Upstream {
	u := &spec.Upstream
	out := config.Upstream{URL: string(u.URL), Failover: plain(u.Failover), TLS: tls(spec, u.TLS)}
	if t := u.Timeouts; t != nil {
		out.Timeouts = config.Timeouts{
			Connect:        duration(t.Connect),
			Response:       duration(t.Response),
			Idle:           duration(t.Idle),
			Call:           duration(t.Call),
			DeadlineHeader: string(t.DeadlineHeader),
		}
	}
	if u.Health != nil {
		out.Health = health(u.Health)
	}
	if u.DenyCIDRs != nil {
		out.DenyCIDRs = make([]string, 0, len(u.DenyCIDRs))
		for _, cidr := range u.DenyCIDRs {
			out.DenyCIDRs = append(out.DenyCIDRs, string(cidr))
		}
	}
	return out
}

func health(h *v1alpha1.Health) config.Health {
	out := config.Health{Failures: int(h.Failures), RetryAfter: duration(h.RetryAfter)}
	if p := h.Probe; p != nil {
		out.Probe = &config.Probe{
			Path:     string(p.Path),
			Statuses: plain(p.Statuses),
			Interval: duration(p.Interval),
			Timeout:  duration(p.Timeout),
		}
	}
	return out
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
