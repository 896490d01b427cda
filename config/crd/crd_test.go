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

// kubectl explain has nothing but the descriptions, so each field of ours has one, and the template's, which kubectl
// explain pod has, are left out.
func TestExplainsEveryFieldOfOurs(t *testing.T) {
	var definition apiextensionsv1.CustomResourceDefinition
	if err := yaml.UnmarshalStrict(crd.Ambassadors, &definition); err != nil {
		t.Fatal(err)
	}
	schema := definition.Spec.Versions[0].Schema.OpenAPIV3Schema
	spec := schema.Properties["spec"]
	explained(t, "spec", &spec)
	status := schema.Properties["status"]
	explained(t, "status", &status)
	containers := spec.Properties["workload"].Properties["template"].Properties["spec"].Properties["containers"]
	if containers.Description != "" || containers.Items == nil {
		t.Errorf("spec.workload.template: want the schema of a Pod without its descriptions")
	}
}

func explained(t *testing.T, path string, schema *apiextensionsv1.JSONSchemaProps) {
	if schema.Description == "" {
		t.Errorf("%s: no description", path)
	}
	if path == "spec.workload.template" || path == "spec.sidecar.resources" || path == "status.conditions" {
		return
	}
	properties := schema.Properties
	if schema.Items != nil {
		properties = schema.Items.Schema.Properties
	}
	for name, property := range properties {
		explained(t, path+"."+name, &property)
	}
}
