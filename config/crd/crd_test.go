package crd_test

import (
	"encoding/json"
	"testing"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	"sigs.k8s.io/yaml"

	"github.com/ambassador-operator/ambassador-operator/config/crd"
)

// A client-side kubectl apply keeps the object in an annotation, and annotations end at 256 KiB.
func TestFitsIntoAnAnnotation(t *testing.T) {
	text, err := yaml.YAMLToJSON(crd.Ambassadors)
	if err != nil {
		t.Fatal(err)
	}
	if len(text) >= 256<<10 {
		t.Errorf("the CustomResourceDefinition has %d bytes as JSON; kubectl apply takes less than %d", len(text), 256<<10)
	}
}

// What an API server refuses would otherwise show only on a cluster: schema, costs of rules, columns.
func TestAPIServerAccepts(t *testing.T) {
	var definition apiextensionsv1.CustomResourceDefinition
	if err := yaml.UnmarshalStrict(crd.Ambassadors, &definition); err != nil {
		t.Fatal(err)
	}
	apiextensionsv1.SetDefaults_CustomResourceDefinitionSpec(&definition.Spec)
	definition.Status.StoredVersions = []string{"v1alpha1"}
	var internal apiextensions.CustomResourceDefinition
	err := apiextensionsv1.Convert_v1_CustomResourceDefinition_To_apiextensions_CustomResourceDefinition(&definition, &internal, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range validation.ValidateCustomResourceDefinition(t.Context(), &internal) {
		t.Error(err)
	}
	if _, err := json.Marshal(internal); err != nil {
		t.Fatal(err)
	}
}
