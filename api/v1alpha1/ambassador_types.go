package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// AdminPort is the port of the sidecar's health, readiness and metrics in every Pod. No container may use it.
const AdminPort = 15901

// SidecarName is the name of the sidecar's container. No container of a template may have it.
const SidecarName = "ambassador"

// Ambassador runs a workload with a sidecar that speaks to one external service for it. The workload's containers call
// plain http://localhost:<port>; the sidecar knows where the service is and attaches the credentials, which the
// containers never see. One without a workload is served by the sidecars of those that take it in.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:shortName=amb,categories=all
// +kubebuilder:subresource:status
// +kubebuilder:subresource:scale:specpath=.spec.workload.replicas,statuspath=.status.replicas,selectorpath=.status.selector
// +kubebuilder:printcolumn:name="Upstream",type=string,JSONPath=`.spec.upstream.url`,description="The external service"
// +kubebuilder:printcolumn:name="Port",type=integer,JSONPath=`.spec.port`,description="Loopback port inside the Pod"
// +kubebuilder:printcolumn:name="Pods",type=integer,JSONPath=`.status.replicas`,description="Pods that run"
// +kubebuilder:printcolumn:name="Available",type=integer,JSONPath=`.status.readyReplicas`,description="Pods that are ready"
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 63 && !self.metadata.name.contains('.')",message="metadata.name labels Pods and metrics; give at most 63 lower-case letters, digits and '-', without dots"
type Ambassador struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard object's metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty,omitzero"`

	// spec is what is wanted.
	// +required
	Spec AmbassadorSpec `json:"spec,omitzero"`

	// status is what the operator observed last. Only the operator writes it.
	// +optional
	Status AmbassadorStatus `json:"status,omitzero"`
}

// AmbassadorList holds several Ambassadors.
//
// +kubebuilder:object:root=true
type AmbassadorList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Ambassador `json:"items"`
}

// AmbassadorSpec is what is wanted of one Ambassador.
//
// +kubebuilder:validation:XValidation:rule="has(self.secret) || !has(self.credentials) || self.credentials.all(c, has(c.secret))",message="a credential has no Secret; write spec.secret.name, or secret.name in each credential",fieldPath=".secret",reason=FieldValueRequired
// +kubebuilder:validation:XValidation:rule="has(self.secret) || !has(self.upstream.tls) || !has(self.upstream.tls.ca) || has(self.upstream.tls.ca.secret)",message="upstream.tls.ca has no Secret; write spec.secret.name, or secret.name in ca",fieldPath=".secret",reason=FieldValueRequired
// +kubebuilder:validation:XValidation:rule="has(self.secret) || !has(self.upstream.tls) || !has(self.upstream.tls.clientCertificate) || has(self.upstream.tls.clientCertificate.secret)",message="upstream.tls.clientCertificate has no Secret; write spec.secret.name, or secret.name in clientCertificate",fieldPath=".secret",reason=FieldValueRequired
// +kubebuilder:validation:XValidation:rule="!has(self.workload) || !has(self.workload.template.spec) || !self.workload.template.spec.containers.exists(c, has(c.ports) && c.ports.exists(p, p.containerPort in [self.port, 15901]))",messageExpression="'container ' + self.workload.template.spec.containers[self.workload.template.spec.containers.map(c, has(c.ports) && c.ports.exists(p, p.containerPort in [self.port, 15901])).indexOf(true)].name + ' uses a port of the sidecar; write a containerPort other than spec.port and 15901, or another spec.port'",fieldPath=".workload.template.spec.containers"
// +kubebuilder:validation:XValidation:rule="!has(self.workload) || !has(self.workload.template.spec) || !has(self.workload.template.spec.initContainers) || !self.workload.template.spec.initContainers.exists(c, has(c.ports) && c.ports.exists(p, p.containerPort in [self.port, 15901]))",messageExpression="'container ' + self.workload.template.spec.initContainers[self.workload.template.spec.initContainers.map(c, has(c.ports) && c.ports.exists(p, p.containerPort in [self.port, 15901])).indexOf(true)].name + ' uses a port of the sidecar; write a containerPort other than spec.port and 15901, or another spec.port'",fieldPath=".workload.template.spec.initContainers"
// +kubebuilder:validation:XValidation:rule="has(self.workload) || !has(self.sidecar)",message="sidecar adjusts a workload's sidecar, and there is no workload; write it in the Ambassador whose workload takes this one in",fieldPath=".sidecar"
type AmbassadorSpec struct {
	// port is the loopback port inside the Pod on which the sidecar answers: the workload calls
	// http://localhost:<port>. 1024 to 65535, but not 15901, which is the sidecar's own.
	// +required
	// +kubebuilder:validation:Minimum=1024
	// +kubebuilder:validation:Maximum=65535
	// +kubebuilder:validation:XValidation:rule="self != 15901",message="15901 is the sidecar's own health port; choose another, such as 8080"
	Port int32 `json:"port,omitempty"`

	// upstream is the external service.
	// +required
	Upstream Upstream `json:"upstream,omitzero"`

	// secret is the Secret that credentials, CA and client certificate are read from where they name none of their own.
	// It is mounted in the sidecar alone, and only the keys that are referred to. Default: none.
	// +optional
	Secret *SecretReference `json:"secret,omitempty"`

	// credentials are attached to every request in this order; at most 8. Default: none, requests go without.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=8
	// +kubebuilder:validation:XValidation:rule="self.all(a, !has(a.query) || self.exists_one(b, has(b.query) && b.query.name.lowerAscii().replace('_', '-').replace('.', '-') == a.query.name.lowerAscii().replace('_', '-').replace('.', '-')))",message="two credentials set the same query parameter; give each a name of its own"
	// +kubebuilder:validation:XValidation:rule="self.all(a, !has(a.header) || self.exists_one(b, has(b.header) && b.header.name.lowerAscii().replace('_', '-').replace('.', '-') == a.header.name.lowerAscii().replace('_', '-').replace('.', '-')))",message="two credentials set the same header; give each a name of its own"
	// +kubebuilder:validation:XValidation:rule="self.filter(c, has(c.bearer) || has(c.basic) || (has(c.header) && c.header.name.lowerAscii() == 'authorization')).size() <= 1",message="two credentials set Authorization; keep one of bearer, basic and header Authorization"
	Credentials []Credential `json:"credentials,omitempty"` //nolint:kubeapilinter // a rule requires one of the kinds

	// routes map local paths to the service's; the most specific one that matches a request decides. At most 1024. Where
	// there is one, a path that none matches is answered 404. Default: none, and every path is forwarded as it is under
	// the upstream's base path.
	// +optional
	// +listType=map
	// +listMapKey=path
	// +listMapKey=match
	// +kubebuilder:validation:MaxItems=1024
	Routes []Route `json:"routes,omitempty"`

	// policy makes calls bearable on bad days: retries, a circuit breaker, limits and a cache. Default: a request is sent
	// once, or twice where nothing was sent the first time.
	// +optional
	Policy *Policy `json:"policy,omitempty"`

	// workload is what runs beside the sidecar. Its template may take in further Ambassadors of the namespace, which the
	// same sidecar then serves too: the annotation ambassador-operator.io/ambassadors of the template names them, such as
	// "omdb,weather". Default: none; the Ambassador is served where others take it in.
	// +optional
	Workload *Workload `json:"workload,omitempty"`

	// sidecar adjusts the sidecar's container. Default: the operator's image, 10m CPU and 16Mi memory requested, 64Mi
	// memory at most.
	// +optional
	Sidecar *Sidecar `json:"sidecar,omitempty"`
}

// SecretReference names a Secret in the Ambassador's namespace.
type SecretReference struct {
	// name is the Secret's name. It may be created later; until then, requests are answered 503.
	// +required
	Name SecretName `json:"name,omitempty"`
}

// SecretName is the name of a Secret: a DNS subdomain (RFC 1123) of at most 253 characters.
//
// Valid: "themoviedb", "team-a.api-keys". Invalid: "TheMovieDB", "-key", "a/b".
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=253
// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$')",message="not the name of a Secret; write lower-case letters, digits, '-' and '.', such as themoviedb"
type SecretName string

// SecretKey is a key of a Secret: letters, digits, "-", "_" and ".", at most 253 characters, and neither "." nor
// anything that starts with "..".
//
// Valid: "apikey", "tls.crt", "API_KEY". Invalid: "api key", "..data", "keys/a".
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=253
// +kubebuilder:validation:XValidation:rule="self.matches('^[-._a-zA-Z0-9]+$') && self != '.' && !self.startsWith('..')",message="not a key of a Secret; write letters, digits, '-', '_' and '.', such as apikey"
type SecretKey string
