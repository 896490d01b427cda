package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net/http"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
)

var _ = Describe("A service with TLS of its own authority", func() {
	It("is reached once the Secret has the authority, and not before", func(ctx SpecContext) {
		namespace := newNamespace(ctx)
		host := "secure." + namespace + ".svc.cluster.local"
		certificate, key := selfSigned(host)
		secureStandIn(ctx, namespace, certificate, key)
		movies := movieAmbassador(namespace, "themoviedb")
		movies.Spec.Upstream.URL = v1alpha1.UpstreamURL("https://" + host + "/3")
		create(ctx, movieSecret(namespace, firstKey), movies)
		Eventually(func(g Gomega) {
			got, err := call(ctx, namespace, movies.Name, "http://localhost:8080/movies")
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(got.Status).To(Equal(http.StatusBadGateway))
			g.Expect(got.Header.Get("Ambassador-Error")).To(Equal("upstream-tls"))
		}).Should(Succeed())

		secret := movieSecret(namespace, firstKey)
		secret.StringData["ca.crt"] = certificate
		Expect(k8s.Update(ctx, secret)).To(Succeed())
		kubectl(ctx, "patch", "amb", movies.Name, "--namespace="+namespace, "--type=merge",
			`--patch={"spec":{"upstream":{"tls":{"ca":{"key":"ca.crt"}}}}}`)
		Eventually(statusOf(ctx, namespace, movies.Name, "/movies")).Should(Equal(http.StatusOK))
		beReady(ctx, movies)
	})
})

// secureStandIn runs the stand-in with a certificate, as the Service secure.
func secureStandIn(ctx SpecContext, namespace, certificate, key string) {
	GinkgoHelper()
	labels := map[string]string{"app": "secure"}
	template := restrictedTemplate("")
	template.Spec.Containers[0].Image = "ambassador.local/tmdb:dev"
	template.Spec.Containers[0].Args = []string{"--keys=/etc/tmdb/keys", "--tls-cert=/etc/tmdb/tls.crt", "--tls-key=/etc/tmdb/tls.key"}
	template.Spec.Containers[0].VolumeMounts = []corev1.VolumeMount{{Name: "keys", MountPath: "/etc/tmdb"}}
	template.Spec.Volumes = []corev1.Volume{{
		Name:         "keys",
		VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "secure"}},
	}}
	create(ctx,
		&corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "secure"},
			StringData: map[string]string{"keys": firstKey, "tls.crt": certificate, "tls.key": key},
		},
		&corev1.Service{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "secure"},
			Spec:       corev1.ServiceSpec{Selector: labels, Ports: []corev1.ServicePort{{Port: 443, TargetPort: intstr.FromInt32(8443)}}},
		},
		&corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "secure", Labels: labels},
			Spec:       template.Spec,
		},
	)
}

// selfSigned is a certificate for a host that is its own authority, and its key.
func selfSigned(host string) (certificate, key string) {
	GinkgoHelper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	Expect(err).NotTo(HaveOccurred())
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		DNSNames:              []string{host},
		NotBefore:             time.Now().Add(-time.Minute),
		NotAfter:              time.Now().Add(time.Hour),
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	Expect(err).NotTo(HaveOccurred())
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	Expect(err).NotTo(HaveOccurred())
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
}
