package controllers

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
)

const (
	// AmbassadorIndex is the cache's index of Pods and ConfigMaps by the Ambassador that their label names.
	AmbassadorIndex = "ambassador"
	// GuestIndex is the cache's index of Ambassadors by the Ambassadors that their templates take in.
	GuestIndex = "guest"
)

func (r *Reconciler) index(ctx context.Context, indexer client.FieldIndexer) error {
	for _, object := range []client.Object{&corev1.Pod{}, &corev1.ConfigMap{}} {
		if err := indexer.IndexField(ctx, object, AmbassadorIndex, indexByAmbassador); err != nil {
			return fmt.Errorf("indexing %T: %w", object, err)
		}
	}
	if err := indexer.IndexField(ctx, &v1alpha1.Ambassador{}, GuestIndex, indexByGuest); err != nil {
		return fmt.Errorf("indexing Ambassadors: %w", err)
	}
	return nil
}

func indexByAmbassador(object client.Object) []string {
	if name := object.GetLabels()[build.AmbassadorLabel]; name != "" {
		return []string{name}
	}
	return nil
}

func indexByGuest(object client.Object) []string {
	return build.Names(object.(*v1alpha1.Ambassador))
}
