// Package api_test holds the resource's definition against a real API server: what it refuses and with which words, what
// it adds, and what kubectl shows.
package api_test

import (
	"context"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
)

const root = "../../../"

var (
	server *rest.Config
	kube   client.Client
)

func TestAPI(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "The resource, against an API server")
}

var _ = BeforeSuite(func() {
	environment := &envtest.Environment{
		CRDDirectoryPaths:        []string{root + "config/crd/bases"},
		ErrorIfCRDPathMissing:    true,
		ControlPlaneStartTimeout: 2 * time.Minute,
	}
	var err error
	server, err = environment.Start()
	Expect(err).NotTo(HaveOccurred(), "KUBEBUILDER_ASSETS names a folder with kube-apiserver and etcd; make test-envtest provides them")
	DeferCleanup(environment.Stop)

	scheme := runtime.NewScheme()
	Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
	kube, err = client.New(server, client.Options{Scheme: scheme})
	Expect(err).NotTo(HaveOccurred())
	kube = client.WithFieldValidation(client.NewNamespacedClient(kube, "default"), "Strict")
})

// within bounds one call, so that a server that hangs fails a test by name.
func within(ctx context.Context) context.Context {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	DeferCleanup(func() { cancel() })
	return ctx
}

func keyOf(object client.Object) client.ObjectKey { return client.ObjectKeyFromObject(object) }
