package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion is ambassador-operator.io/v1alpha1.
var GroupVersion = schema.GroupVersion{Group: "ambassador-operator.io", Version: "v1alpha1"}

var schemeBuilder = runtime.NewSchemeBuilder(addTypes)

// AddToScheme registers the types of this package. It fails only where a scheme already holds other types of the same names.
var AddToScheme = schemeBuilder.AddToScheme

func addTypes(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion, &Ambassador{}, &AmbassadorList{})
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}
