// Package crd holds the generated CustomResourceDefinition for programs that check Ambassadors without an API server,
// and for tests. It holds nothing that is written by hand but the kustomization.
package crd

import _ "embed"

// Ambassadors is the CustomResourceDefinition as YAML.
//
//go:embed bases/ambassador-operator.io_ambassadors.yaml
var Ambassadors []byte
