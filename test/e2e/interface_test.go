package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
)

// Keys that the second stand-in accepts, in the order in which it numbers them.
const (
	firstOMDBKey  = "first-key-of-omdb"
	secondOMDBKey = "second-key-of-omdb"
)

const local = "http://localhost:8080"

// A film, a list and an error, as the application knows them whichever service they are from.
type (
	film struct {
		ID, Source, Title string
		Year              int
		Minutes           int `json:",omitempty"` // lists do not have it
	}
	list struct {
		Page, Pages int
		Results     []film
	}
	failure struct {
		Error struct {
			Message string
			Status  int
		}
	}
)

var _ = Describe("One interface of two services", Ordered, func() {
	var namespace string
	var movies, omdb *v1alpha1.Ambassador

	BeforeAll(func(ctx SpecContext) {
		namespace = newNamespace(ctx)
		movies, omdb = moviesSample(namespace)
		create(ctx, movieSecret(namespace, firstKey), omdbSecret(namespace, firstOMDBKey), omdb, movies)
		beReady(ctx, movies)
		beReady(ctx, omdb)
	}, NodeTimeout(3*time.Minute))

	It("lists films of both in one format, each to be asked for by its id", func(ctx SpecContext) {
		for source, path := range map[string]string{"themoviedb": "/movies", "omdb": "/movies/search/matrix"} {
			var films list
			Expect(ask(ctx, movies, path, &films)).To(Equal(http.StatusOK), path)
			Expect(films.Page).To(Equal(1))
			Expect(films.Results).To(ContainElement(And(
				HaveField("Title", "The Matrix"), HaveField("Year", 1999), HaveField("Source", source))))
			for _, listed := range films.Results[:2] {
				var one film
				Expect(ask(ctx, movies, "/movies/"+listed.ID, &one)).To(Equal(http.StatusOK), listed.ID)
				Expect(one.Minutes).To(BeNumerically(">", 60))
				one.Minutes = 0
				Expect(one).To(Equal(listed))
			}
		}
	})

	It("tells errors of both in one format, and in the answer's status", func(ctx SpecContext) {
		for path, want := range map[string]int{
			"/movies/1":              http.StatusNotFound,
			"/movies/imdb/tt0000001": http.StatusNotFound,
			"/movies/imdb/603":       http.StatusBadRequest,
			"/movies/search/nothing": http.StatusNotFound,
		} {
			var told failure
			Expect(ask(ctx, movies, path, &told)).To(Equal(want), path)
			Expect(told.Error.Status).To(Equal(want), path)
			Expect(told.Error.Message).NotTo(BeEmpty(), path)
		}
	})

	It("searches for whatever stands in the path", func(ctx SpecContext) {
		var films list
		Expect(ask(ctx, movies, "/movies/search/2001%3A%20a%20space", &films)).To(Equal(http.StatusOK))
		Expect(films.Results).To(ConsistOf(HaveField("Title", "2001: A Space Odyssey")))
		var told failure
		Expect(ask(ctx, movies, "/movies/search/matrix%26i=tt0133093", &told)).To(Equal(http.StatusNotFound))
	})

	It("answers again from the cache of the one that has one", func(ctx SpecContext) {
		Expect(statusOf(ctx, namespace, movies.Name, "/movies?page=1")()).To(Equal(http.StatusOK))
		got, err := call(ctx, namespace, movies.Name, local+"/movies?page=1")
		Expect(err).NotTo(HaveOccurred())
		Expect(got.Header.Get("Cache-Status")).To(ContainSubstring("hit"))
		Expect(got.Header.Get("Age")).NotTo(BeEmpty())
		got, err = call(ctx, namespace, movies.Name, local+"/movies/imdb/tt0133093")
		Expect(err).NotTo(HaveOccurred())
		Expect(got.Header.Get("Age")).To(BeEmpty())
	})

	It("gets a new route of the second without a new Pod", func(ctx SpecContext) {
		before, err := incarnations(ctx, namespace, movies.Name)
		Expect(err).NotTo(HaveOccurred())
		kubectl(ctx, "patch", "amb", omdb.Name, "--namespace="+namespace, "--type=json",
			`--patch=[{"op":"add","path":"/spec/routes/-","value":{"path":"/raw","match":"Exact","upstreamPath":"/"}}]`)
		Eventually(func() (string, error) {
			got, err := call(ctx, namespace, movies.Name, local+"/raw?i=tt0133093")
			return got.Body, err
		}).Should(ContainSubstring(`"imdbID":"tt0133093"`))
		Expect(incarnations(ctx, namespace, movies.Name)).To(Equal(before))
	})

	It("uses the second's rotated key, without a failed call", func(ctx SpecContext) {
		before, err := incarnations(ctx, namespace, movies.Name)
		Expect(err).NotTo(HaveOccurred())
		Expect(k8s.Update(ctx, omdbSecret(namespace, secondOMDBKey))).To(Succeed())
		Eventually(func(g Gomega) {
			got, err := call(ctx, namespace, movies.Name, local+"/movies/imdb/tt0133093")
			Expect(err).NotTo(HaveOccurred())
			Expect(got.Status).To(Equal(http.StatusOK), "a call failed during the rotation")
			g.Expect(got.Header.Get("Key-Number")).To(Equal("2"))
		}).Should(Succeed())
		Expect(incarnations(ctx, namespace, movies.Name)).To(Equal(before))
	})

	It("refuses a route that both answer, with both names, and goes on as it was", func(ctx SpecContext) {
		kubectl(ctx, "patch", "amb", omdb.Name, "--namespace="+namespace, "--type=json",
			`--patch=[{"op":"add","path":"/spec/routes/-","value":{"path":"/movies","match":"Exact","methods":["GET"]}}]`)
		Eventually(condition(ctx, movies, v1alpha1.ConditionAccepted)).Should(And(
			HaveField("Status", metav1.ConditionFalse),
			HaveField("Message", And(ContainSubstring("/movies"), ContainSubstring(omdb.Name)))))
		Expect(statusOf(ctx, namespace, movies.Name, "/movies")()).To(Equal(http.StatusOK))
	})
})

var _ = Describe("An answer's mapping", func() {
	It("that does not do what its example says is refused before it serves", func(ctx SpecContext) {
		namespace := newNamespace(ctx)
		movies := movieAmbassador(namespace, "themoviedb")
		specify(movies, `
routes:
- path: /movies
  upstreamPath: /discover/movie
  response:
    rules: [{jq: "{count: (.results | length)}"}]
    examples: [{input: '{"results": [1, 2]}', output: '{"count": 3}'}]
`)
		create(ctx, movieSecret(namespace, firstKey), movies)
		Eventually(condition(ctx, movies, v1alpha1.ConditionAccepted)).Should(And(
			HaveField("Status", metav1.ConditionFalse),
			HaveField("Message", And(ContainSubstring("examples[0]"), ContainSubstring(`{"count":2}`)))))

		kubectl(ctx, "patch", "amb", movies.Name, "--namespace="+namespace, "--type=json",
			`--patch=[{"op":"replace","path":"/spec/routes/0/response/examples/0/output","value":"{\"count\": 2}"}]`)
		beReady(ctx, movies)
		got, err := call(ctx, namespace, movies.Name, local+"/movies")
		Expect(err).NotTo(HaveOccurred())
		Expect(got.Body).To(Equal(`{"count":12}`))
	})
})

// ask calls a path and reads the answer, which must have the fields of into and no others.
func ask(ctx SpecContext, a *v1alpha1.Ambassador, path string, into any) int {
	GinkgoHelper()
	got, err := call(ctx, a.Namespace, a.Name, local+path)
	Expect(err).NotTo(HaveOccurred())
	decoder := json.NewDecoder(strings.NewReader(got.Body))
	decoder.DisallowUnknownFields()
	Expect(decoder.Decode(into)).To(Succeed(), "%s: %d %s", path, got.Status, got.Body)
	return got.Status
}

// moviesSample is the sample of two services, for the stand-ins and restricted Pod Security.
func moviesSample(namespace string) (movies, omdb *v1alpha1.Ambassador) {
	GinkgoHelper()
	text, err := os.ReadFile("../../config/samples/movies.yaml")
	Expect(err).NotTo(HaveOccurred())
	first, second, found := strings.Cut(string(text), "\n---\n")
	Expect(found).To(BeTrue(), "the sample has two resources")
	movies, omdb = &v1alpha1.Ambassador{}, &v1alpha1.Ambassador{}
	Expect(yaml.UnmarshalStrict([]byte(first), movies)).To(Succeed())
	Expect(yaml.UnmarshalStrict([]byte(second), omdb)).To(Succeed())
	movies.Namespace, omdb.Namespace = namespace, namespace
	movies.Spec.Upstream.URL = upstream
	omdb.Spec.Upstream.URL = "http://omdb.omdb.svc.cluster.local"
	annotations := movies.Spec.Workload.Template.Annotations
	movies.Spec.Workload.Template = restrictedTemplate("sleep infinity")
	movies.Spec.Workload.Template.Annotations = annotations
	return movies, omdb
}

// specify sets what a text says of a specification, and leaves the rest as it is.
func specify(a *v1alpha1.Ambassador, text string) {
	GinkgoHelper()
	Expect(yaml.UnmarshalStrict([]byte(text), &a.Spec)).To(Succeed())
}

func omdbSecret(namespace, key string) *corev1.Secret {
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "omdb"},
		StringData: map[string]string{"apikey": key},
	}
}
