package api_test

import (
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

// files lists what matches pattern below the root of the repository. It runs while the tree of tests is built, where
// nothing can fail but by panic.
func files(pattern string) []string {
	found, err := filepath.Glob(root + pattern)
	if err != nil {
		panic(err)
	}
	return found
}

func load(file string) (*unstructured.Unstructured, string) {
	GinkgoHelper()
	text, err := os.ReadFile(file)
	Expect(err).NotTo(HaveOccurred())
	object := new(unstructured.Unstructured)
	Expect(yaml.UnmarshalStrict(text, object)).To(Succeed())
	return object, string(text)
}

// expected lists the words after "# expect: " in the comment at the top of a file.
func expected(text string) []string {
	var words []string
	for line := range strings.Lines(text) {
		if word, found := strings.CutPrefix(line, "# expect: "); found {
			words = append(words, strings.TrimSpace(word))
		}
	}
	return words
}

var _ = Describe("A resource with one mistake", func() {
	invalid := files("test/invalid/*.yaml")

	It("is kept in at least 140 examples", func() {
		Expect(len(invalid)).To(BeNumerically(">=", 140))
	})

	for _, file := range invalid {
		It("is refused: "+strings.TrimSuffix(filepath.Base(file), ".yaml"), func(ctx SpecContext) {
			object, text := load(file)
			Expect(expected(text)).NotTo(BeEmpty(), "the file states no words")
			err := kube.Create(within(ctx), object, client.DryRunAll)
			Expect(err).To(HaveOccurred(), "the API server accepts it")
			for _, words := range expected(text) {
				Expect(err.Error()).To(ContainSubstring(words))
			}
		})
	}
})

var _ = Describe("A sample", func() {
	for _, file := range files("config/samples/*.yaml") {
		if filepath.Base(file) == "kustomization.yaml" {
			continue
		}
		It("is accepted: "+filepath.Base(file), func(ctx SpecContext) {
			text, err := os.ReadFile(file)
			Expect(err).NotTo(HaveOccurred())
			for document := range strings.SplitSeq(string(text), "\n---\n") {
				object := new(unstructured.Unstructured)
				Expect(yaml.UnmarshalStrict([]byte(document), object)).To(Succeed())
				Expect(kube.Create(within(ctx), object, client.DryRunAll)).To(Succeed())
			}
		})
	}
})
