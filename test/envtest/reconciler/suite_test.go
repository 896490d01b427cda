// Package reconciler_test holds the reconciler against a real API server and etcd. There is no kubelet and no controller
// of Kubernetes' own: the specs play their parts by writing statuses.
package reconciler_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/go-logr/logr"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
)

const root = "../../../"

var (
	server *rest.Config
	// kube reads and writes without a cache, as a person with kubectl does.
	kube client.Client
)

func TestReconciler(t *testing.T) {
	RegisterFailHandler(Fail)
	SetDefaultEventuallyTimeout(30 * time.Second)
	SetDefaultEventuallyPollingInterval(50 * time.Millisecond)
	SetDefaultConsistentlyDuration(2 * time.Second)
	SetDefaultConsistentlyPollingInterval(100 * time.Millisecond)
	RunSpecs(t, "The reconciler, against an API server")
}

var _ = BeforeSuite(func() {
	log.SetLogger(logr.FromSlogHandler(slog.NewJSONHandler(GinkgoWriter, nil)))
	environment := &envtest.Environment{
		CRDDirectoryPaths:        []string{root + "config/crd/bases"},
		ErrorIfCRDPathMissing:    true,
		ControlPlaneStartTimeout: 2 * time.Minute,
	}
	var err error
	server, err = environment.Start()
	Expect(err).NotTo(HaveOccurred(), "KUBEBUILDER_ASSETS names a folder with kube-apiserver and etcd; make test-envtest provides them")
	DeferCleanup(environment.Stop)
	server.QPS = -1

	scheme := runtime.NewScheme()
	Expect(clientgoscheme.AddToScheme(scheme)).To(Succeed())
	Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
	kube, err = client.New(server, client.Options{Scheme: scheme})
	Expect(err).NotTo(HaveOccurred())
})

// newNamespace makes a namespace of the spec's own.
func newNamespace(ctx context.Context, labels ...string) string {
	GinkgoHelper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "spec-", Labels: map[string]string{}}}
	for i := 0; i+1 < len(labels); i += 2 {
		namespace.Labels[labels[i]] = labels[i+1]
	}
	Expect(kube.Create(ctx, namespace)).To(Succeed())
	return namespace.Name
}
