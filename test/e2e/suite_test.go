package e2e

import (
	"os"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/config"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
)

// Where things are, from the repository's root.
const (
	installer = "../../dist/install.yaml"
	standIns  = "../demo/"
)

// k8s reads and writes the cluster's objects, without a cache.
var k8s client.Client

func TestEndToEnd(t *testing.T) {
	RegisterFailHandler(Fail)
	SetDefaultEventuallyTimeout(2 * time.Minute)
	SetDefaultEventuallyPollingInterval(500 * time.Millisecond)
	RunSpecs(t, "End to end")
}

var _ = BeforeSuite(func(ctx SpecContext) {
	Expect(os.Getenv("KUBECONFIG")).NotTo(BeEmpty(), "KUBECONFIG names no cluster: run make test-e2e")
	connect()

	By("installing the operator")
	kubectl(ctx, "apply", "--server-side", "--force-conflicts", "-f", installer)
	// One that runs already may be of an image that was built anew since.
	kubectl(ctx, "rollout", "restart", "--namespace="+operatorNamespace, "deployment")
	kubectl(ctx, "rollout", "status", "--namespace="+operatorNamespace, "deployment", "--timeout=3m")

	for _, name := range []string{"tmdb", "omdb"} {
		By("starting the stand-in " + name)
		kubectl(ctx, "apply", "-f", standIns+name+".yaml")
		// One of an earlier run may be of an image that was built anew since.
		kubectl(ctx, "rollout", "restart", "--namespace="+name, "deployment")
		kubectl(ctx, "rollout", "status", "--namespace="+name, "deployment/"+name, "--timeout=2m")
	}
}, NodeTimeout(8*time.Minute))

func connect() {
	GinkgoHelper()
	scheme := runtime.NewScheme()
	Expect(clientgoscheme.AddToScheme(scheme)).To(Succeed())
	Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
	cluster, err := config.GetConfig()
	Expect(err).NotTo(HaveOccurred())
	k8s, err = client.New(cluster, client.Options{Scheme: scheme})
	Expect(err).NotTo(HaveOccurred())
}

// newNamespace makes a namespace that enforces restricted Pod Security, and has
// it removed when the spec ends.
func newNamespace(ctx SpecContext) string {
	GinkgoHelper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		GenerateName: "e2e-",
		Labels:       map[string]string{"pod-security.kubernetes.io/enforce": "restricted"},
	}}
	Expect(k8s.Create(ctx, namespace)).To(Succeed())
	DeferCleanup(func(ctx SpecContext) { Expect(client.IgnoreNotFound(k8s.Delete(ctx, namespace))).To(Succeed()) })
	return namespace.Name
}
