// Package config is the document that the operator writes and the sidecar loads: the one place where both meet.
//
// It holds the types, the strict JSON decoder and the checks that need nothing but the document itself. It does not
// read files, resolve names or know Kubernetes, and it never holds a credential: only the names under which the
// sidecar finds one.
//
//	operator: Ambassador resource -> Document -> Encode -> ConfigMap
//	sidecar:  file -> Parse (strict, whole) -> Document -> compiled routes, credentials, endpoints
package config
