package controllers

import (
	"errors"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
)

// Preview returns the children that the operator would apply for an Ambassador, without a cluster. Its error is what the
// condition Accepted would say, each line led by the field.
func Preview(a *v1alpha1.Ambassador, options build.Options) (*build.Objects, error) {
	objects, refused := decide(a, options)
	if refused != nil {
		return nil, errors.New(refused.message)
	}
	return objects, nil
}
