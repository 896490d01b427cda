package controllers

import (
	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
)

// decide returns the children that an Ambassador stands for, or why it can not be accepted. It is pure.
func decide(a *v1alpha1.Ambassador, options build.Options) (*build.Objects, *refusal) {
	if refused := checkTemplate(a); refused != nil {
		return nil, refused
	}
	objects, err := build.New(a, options)
	if err != nil {
		return nil, &refusal{reason: v1alpha1.ReasonInvalidSpec, message: clip(err.Error())}
	}
	return objects, nil
}
