package build

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/proxy/mapping"
)

// Check reports what is wrong with an Ambassador by itself, one a line, each led by the field of the spec.
func Check(a *v1alpha1.Ambassador) error {
	if err := Document(a).Validate(); err != nil {
		return inSpec(err)
	}
	if w := a.Spec.Workload; w != nil && w.Kind != v1alpha1.DeploymentWorkload && w.Kind != v1alpha1.PodWorkload {
		return fmt.Errorf("spec.workload.kind: %q is not one of Deployment, Pod", w.Kind)
	}
	return nil
}

// CheckMappings reports which programs of a sound Ambassador do not compile and which examples do not come out as they say,
// as Check does. It runs the programs, for 5 s at most.
func CheckMappings(a *v1alpha1.Ambassador) error {
	if err := mapping.CheckDocument(Document(a)); err != nil {
		return inSpec(err)
	}
	return nil
}

// inSpec puts the resource's words for a place in front of each line in place of the document's.
func inSpec(err error) error {
	return errors.New(strings.ReplaceAll(err.Error(), "ambassadors[0].", "spec."))
}

// CheckTogether reports why Ambassadors that are sound by themselves can not be served by one sidecar, one reason a line,
// each led by the Ambassador and the field of its spec.
func CheckTogether(a *v1alpha1.Ambassador, guests ...*v1alpha1.Ambassador) error {
	document := Document(a, guests...)
	err := document.Validate()
	if err == nil {
		return nil
	}
	text := err.Error()
	for i := range document.Ambassadors {
		text = strings.ReplaceAll(text, fmt.Sprintf("ambassadors[%d].", i), fmt.Sprintf("Ambassador %s, spec.", document.Ambassadors[i].Name))
	}
	return errors.New(text)
}
