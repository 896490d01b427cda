package build

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// AmbassadorsAt is where [AmbassadorsAnnotation] is in the resource.
const AmbassadorsAt = "spec.workload.template.metadata.annotations[" + AmbassadorsAnnotation + "]"

// Names lists what the annotation of an Ambassador's template names, in its order and whether or not it makes sense. None
// where there is no workload, no annotation or nothing in it.
func Names(a *v1alpha1.Ambassador) []string {
	if a.Spec.Workload == nil {
		return nil
	}
	text := a.Spec.Workload.Template.Annotations[AmbassadorsAnnotation]
	if strings.TrimSpace(text) == "" {
		return nil
	}
	names := strings.Split(text, ",")
	for i, name := range names {
		names[i] = strings.TrimSpace(name)
	}
	return names
}

// CheckNames reports what is wrong with the names, such as one that is given twice.
func CheckNames(a *v1alpha1.Ambassador) error {
	names := Names(a)
	if most := config.MaxAmbassadors - 1; len(names) > most {
		return fmt.Errorf("%s: %d names; give at most %d", AmbassadorsAt, len(names), most)
	}
	for i, name := range names {
		switch {
		case len(validation.IsDNS1123Label(name)) > 0:
			return fmt.Errorf("%s: %q is not the name of an Ambassador; write names separated by commas, such as omdb,weather", AmbassadorsAt, name)
		case name == a.Name:
			return fmt.Errorf("%s: %q is this Ambassador itself, which is served anyway; leave it out", AmbassadorsAt, name)
		case slices.Contains(names[:i], name):
			return fmt.Errorf("%s: %q is given twice; give it once", AmbassadorsAt, name)
		}
	}
	return nil
}
