package controllers

import (
	"errors"
	"slices"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
)

// Preview returns the children that the operator would apply for an Ambassador, without a cluster; none where it has no
// workload. others are the Ambassadors that there are beside it: its guests are looked for among those of its namespace. Its
// error is what the condition Accepted would say, each line led by the field.
func Preview(a *v1alpha1.Ambassador, others []*v1alpha1.Ambassador, options build.Options) (*build.Objects, error) {
	var guests []*v1alpha1.Ambassador
	for _, name := range build.Names(a) {
		at := slices.IndexFunc(others, func(b *v1alpha1.Ambassador) bool { return b.Name == name && b.Namespace == a.Namespace })
		if at >= 0 {
			guests = append(guests, others[at])
		}
	}
	objects, refused := decide(a, guests, options, isSound)
	if refused != nil {
		return nil, errors.New(refused.message)
	}
	return objects, nil
}
