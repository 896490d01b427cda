package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
)

// refusal is what the service answers to a call without a valid key.
const refusal = `{"status_code":7,"status_message":"Invalid API key: You must be granted a valid key.","success":false}`

var _ = Describe("The application beside an ambassador", Ordered, func() {
	var namespace string
	movies := &v1alpha1.Ambassador{}

	BeforeAll(func(ctx SpecContext) {
		namespace = newNamespace(ctx)
		movies = movieAmbassador(namespace, "themoviedb")
		movies.Spec.Workload.Replicas = new(int32(2))
		movies.Spec.Sidecar = &v1alpha1.Sidecar{LogLevel: v1alpha1.LogDebug, AccessLog: v1alpha1.AccessLogAll}
		create(ctx, movieSecret(namespace, firstKey), movies)
		beReady(ctx, movies)
	}, NodeTimeout(3*time.Minute))

	It("gets movies from localhost", func(ctx SpecContext) {
		got, err := call(ctx, namespace, movies.Name, "http://localhost:8080/movies")
		Expect(err).NotTo(HaveOccurred())
		Expect(got.Status).To(Equal(http.StatusOK))
		var list struct {
			Results []struct{ Title string }
		}
		Expect(json.Unmarshal([]byte(got.Body), &list)).To(Succeed())
		Expect(list.Results).To(ContainElement(HaveField("Title", "The Matrix")))
	})

	It("is refused where it asks the service itself", func(ctx SpecContext) {
		got, err := call(ctx, namespace, movies.Name, upstream+"/discover/movie")
		Expect(err).NotTo(HaveOccurred())
		Expect(got.Status).To(Equal(http.StatusUnauthorized))
		Expect(got.Body).To(Equal(refusal))
	})

	It("can not put a key of its own in the ambassador's place", func(ctx SpecContext) {
		got, err := call(ctx, namespace, movies.Name, "http://localhost:8080/movies?api_key=made-up&API_KEY=made-up")
		Expect(err).NotTo(HaveOccurred())
		Expect(got.Status).To(Equal(http.StatusOK))
	})

	It("finds the key in no file, variable or process", func(ctx SpecContext) {
		files, err := inMain(ctx, namespace, movies.Name, "sh", "-c", "find / -name apikey 2>/dev/null; ls /etc/ambassador 2>/dev/null; true")
		Expect(err).NotTo(HaveOccurred())
		Expect(files).To(BeEmpty())
		seen, err := inMain(ctx, namespace, movies.Name, "sh", "-c", "env; cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline | tr '\\0' '\\n'")
		Expect(err).NotTo(HaveOccurred())
		Expect(seen).To(ContainSubstring("sleep"))
		Expect(seen).NotTo(Or(ContainSubstring(firstKey), ContainSubstring("--credentials")))
	})

	It("gets only what the routes give it", func(ctx SpecContext) {
		Expect(statusOf(ctx, namespace, movies.Name, "/configuration")()).To(Equal(http.StatusNotFound))
		Expect(statusOf(ctx, namespace, movies.Name, "/movies/../configuration")()).To(Or(Equal(http.StatusBadRequest), Equal(http.StatusNotFound)))
	})

	It("is shown by kubectl get with its upstream and how it is", func(ctx SpecContext) {
		Expect(kubectl(ctx, "get", "amb", "--namespace="+namespace)).To(And(
			ContainSubstring(upstream), ContainSubstring("8080"), ContainSubstring("True")))
	})

	It("has all conditions say that it is well", func(ctx SpecContext) {
		for _, kind := range []string{v1alpha1.ConditionReady, v1alpha1.ConditionAccepted, v1alpha1.ConditionCredentialsReady, v1alpha1.ConditionIsolated} {
			Expect(condition(ctx, movies, kind)()).To(HaveField("Status", metav1.ConditionTrue), kind)
		}
	})

	It("gets a new route without a new Pod", func(ctx SpecContext) {
		before, err := incarnations(ctx, namespace, movies.Name)
		Expect(err).NotTo(HaveOccurred())
		kubectl(ctx, "patch", "amb", movies.Name, "--namespace="+namespace, "--type=json",
			`--patch=[{"op":"add","path":"/spec/routes/-","value":{"path":"/film","upstreamPath":"/movie","methods":["GET"]}}]`)
		Eventually(statusOf(ctx, namespace, movies.Name, "/film/603")).Should(Equal(http.StatusOK))
		Expect(incarnations(ctx, namespace, movies.Name)).To(Equal(before))
	})

	It("goes on without a failed call while the key is rotated", func(ctx SpecContext) {
		before, err := incarnations(ctx, namespace, movies.Name)
		Expect(err).NotTo(HaveOccurred())
		Expect(k8s.Update(ctx, movieSecret(namespace, secondKey))).To(Succeed())
		Eventually(func(g Gomega) {
			got, err := call(ctx, namespace, movies.Name, "http://localhost:8080/movies")
			Expect(err).NotTo(HaveOccurred())
			Expect(got.Status).To(Equal(http.StatusOK), "a call failed during the rotation")
			g.Expect(got.Header.Get("Key-Number")).To(Equal("2"))
		}).Should(Succeed())
		Expect(incarnations(ctx, namespace, movies.Name)).To(Equal(before))
	})

	It("finds neither key in logs, events, metrics or objects", func(ctx SpecContext) {
		_, err := call(ctx, namespace, movies.Name, "http://localhost:8080/movies?api_key="+firstKey)
		Expect(err).NotTo(HaveOccurred())
		said := map[string]string{
			"the sidecars' logs":    kubectl(ctx, "logs", "--namespace="+namespace, "--selector="+ambassadorLabel+"="+movies.Name, "--container="+v1alpha1.SidecarName, "--tail=-1"),
			"the operator's logs":   kubectl(ctx, "logs", "--namespace="+operatorNamespace, "deployment/"+operator(ctx).Name, "--all-pods", "--tail=-1"),
			"the namespace":         kubectl(ctx, "get", "--namespace="+namespace, "amb,deployments,replicasets,pods,configmaps,events", "--output=yaml"),
			"the sidecar's metrics": adminPage(ctx, namespace, movies.Name, "metrics"),
			"the sidecar's status":  adminPage(ctx, namespace, movies.Name, "status"),
		}
		for place, text := range said {
			Expect(text).NotTo(BeEmpty(), place)
			Expect(text).NotTo(Or(ContainSubstring(firstKey), ContainSubstring(secondKey)), "a key stands in "+place)
		}
	})
})

// adminPage is what the sidecar of an Ambassador's first Pod answers on its own port.
func adminPage(ctx SpecContext, namespace, ambassador, page string) string {
	GinkgoHelper()
	output, err := inMain(ctx, namespace, ambassador, "curl", "--silent", "--fail", fmt.Sprintf("localhost:%d/%s", v1alpha1.AdminPort, page))
	Expect(err).NotTo(HaveOccurred())
	return output
}
