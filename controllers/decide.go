package controllers

import (
	"slices"
	"strings"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
)

// judgement says why an Ambassador is not sound by itself, or returns nil. It depends on nothing but the Ambassador.
type judgement func(*v1alpha1.Ambassador) *refusal

// decide returns the children that an Ambassador stands for with the guests that there are, or why it can not be accepted.
// It is pure where sound is.
func decide(a *v1alpha1.Ambassador, guests []*v1alpha1.Ambassador, options build.Options, sound judgement) (*build.Objects, *refusal) {
	if refused := sound(a); refused != nil {
		return nil, refused
	}
	if refused := checkGuests(a, guests, sound); refused != nil {
		return nil, refused
	}
	if refused := checkTemplate(a, guests); refused != nil {
		return nil, refused
	}
	objects, err := build.New(a, options, guests...)
	if err != nil {
		return nil, &refusal{reason: v1alpha1.ReasonInvalidSpec, message: clip(err.Error())}
	}
	return objects, nil
}

// isSound judges an Ambassador by itself. Its programs are compiled and run on their examples, in bounded time.
func isSound(a *v1alpha1.Ambassador) *refusal {
	if err := build.Check(a); err != nil {
		return &refusal{reason: v1alpha1.ReasonInvalidSpec, message: clip(err.Error())}
	}
	if err := build.CheckMappings(a); err != nil {
		// A program may have run out of time because the operator had little of it.
		return &refusal{reason: v1alpha1.ReasonInvalidMapping, message: clip(err.Error()), mayPass: true}
	}
	return nil
}

// checkGuests refuses names that make no sense, and guests that are not there, not sound or in each other's way.
func checkGuests(a *v1alpha1.Ambassador, guests []*v1alpha1.Ambassador, sound judgement) *refusal {
	if err := build.CheckNames(a); err != nil {
		return &refusal{reason: v1alpha1.ReasonInvalidSpec, message: clip(err.Error())}
	}
	if missing := missingOf(a, guests); len(missing) > 0 {
		refused := refuse(v1alpha1.ReasonAmbassadorNotFound, build.AmbassadorsAt,
			"there is no Ambassador %s in this namespace; create it, or take the name out", strings.Join(missing, ", "))
		refused.waits = true
		return refused
	}
	for _, guest := range guests {
		if refused := sound(guest); refused != nil {
			out := refuse(v1alpha1.ReasonAmbassadorNotAccepted, build.AmbassadorsAt, "Ambassador %s is not accepted: %s", guest.Name, refused.message)
			out.mayPass = refused.mayPass
			return out
		}
	}
	if err := build.CheckTogether(a, guests...); err != nil {
		return &refusal{reason: v1alpha1.ReasonRouteConflict, message: clip(err.Error())}
	}
	return nil
}

// missingOf lists the names that no guest has.
func missingOf(a *v1alpha1.Ambassador, guests []*v1alpha1.Ambassador) []string {
	return slices.DeleteFunc(build.Names(a), func(name string) bool {
		return slices.ContainsFunc(guests, func(guest *v1alpha1.Ambassador) bool { return guest.Name == name })
	})
}
