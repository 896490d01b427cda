// Package v1alpha1 is the Ambassador resource: its types, their documentation, the rules that the API server holds
// them to, and the condition types and reasons of its status.
//
// It holds no behaviour. Rules that need nothing but the resource are schema and CEL markers here, so that a mistake is
// refused by kubectl apply; what only the cluster can tell becomes a condition. A few rules cost more than the API
// server allows an expression: that two routes differ in more than the names of their captures, that a path captures no
// name twice, that a query value inserts what its path captures, that a route's queries and headers leave credentials'
// alone. Those are the document's (proxy/config), and the operator reports a breach as Accepted=False with reason
// InvalidSpec. What a jq program is worth only its compiler can tell: Accepted=False with reason InvalidMapping. The
// command line's validate tells all of it before a cluster is asked. Bounds of lists and strings in routes are narrower
// here than the document's for the same cost.
//
//	types with markers -> controller-gen -> config/crd -> API server: schema, defaults, CEL
//	                                     -> docs/reference.md
//	controllers: Ambassador.spec -> child objects; Pods -> Ambassador.status
//
// +kubebuilder:object:generate=true
// +groupName=ambassador-operator.io
package v1alpha1
