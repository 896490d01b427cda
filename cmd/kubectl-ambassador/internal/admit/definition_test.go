package admit_test

import (
	"testing"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	"sigs.k8s.io/yaml"

	"github.com/ambassador-operator/ambassador-operator/config/crd"
)

// An API server adds up what the rules could cost at worst, with every list and string as long as its bound, and refuses
// a definition beyond its budget.
func TestTheDefinitionIsOneThatAnAPIServerTakes(t *testing.T) {
	var written apiextensionsv1.CustomResourceDefinition
	if err := yaml.UnmarshalStrict(crd.Ambassadors, &written); err != nil {
		t.Fatal(err)
	}
	apiextensionsv1.SetObjectDefaults_CustomResourceDefinition(&written)
	var definition apiextensions.CustomResourceDefinition
	if err := apiextensionsv1.Convert_v1_CustomResourceDefinition_To_apiextensions_CustomResourceDefinition(&written, &definition, nil); err != nil {
		t.Fatal(err)
	}
	definition.Status.StoredVersions = []string{"v1alpha1"} // as the API server sets it
	for _, err := range validation.ValidateCustomResourceDefinition(t.Context(), &definition) {
		t.Error(err)
	}
}
