package v1alpha1

import corev1 "k8s.io/api/core/v1"

// Workload is what runs beside the sidecar.
//
// +kubebuilder:validation:XValidation:rule="self.kind != 'Pod' || !has(self.replicas)",message="a Pod has no replicas; leave replicas out, or write kind: Deployment",fieldPath=".replicas"
// +kubebuilder:validation:XValidation:rule="has(self.template.spec) && self.template.spec.containers.size() > 0",message="the Pod has no container; write at least one under template.spec.containers, such as {name: main, image: ghcr.io/acme/app:1.4}",fieldPath=".template",reason=FieldValueRequired
// +kubebuilder:validation:XValidation:rule="!has(self.template.spec) || !self.template.spec.containers.exists(c, c.name == 'ambassador')",message="a container is named ambassador, which is the sidecar's name; write another, such as main",fieldPath=".template.spec.containers"
// +kubebuilder:validation:XValidation:rule="!has(self.template.spec) || !has(self.template.spec.initContainers) || !self.template.spec.initContainers.exists(c, c.name == 'ambassador')",message="a container is named ambassador, which is the sidecar's name; write another, such as setup",fieldPath=".template.spec.initContainers"
// +kubebuilder:validation:XValidation:rule="!has(self.template.spec) || !has(self.template.spec.hostNetwork) || !self.template.spec.hostNetwork",message="hostNetwork would open the sidecar, and with it the credential, to every process of the node; leave it out",fieldPath=".template.spec.hostNetwork",reason=FieldValueForbidden
// +kubebuilder:validation:XValidation:rule="self.kind != 'Deployment' || !has(self.template.spec) || !has(self.template.spec.restartPolicy) || self.template.spec.restartPolicy == 'Always'",message="a Deployment restarts its containers always; leave restartPolicy out, or write kind: Pod",fieldPath=".template.spec.restartPolicy"
type Workload struct {
	// kind is Deployment or Pod. A Pod runs once and is replaced when its template changes; a Deployment rolls.
	// +required
	Kind WorkloadKind `json:"kind,omitempty"`

	// replicas is how many Pods a Deployment runs, 0 or more. Left out, the number is whoever else's that sets it, such as
	// an autoscaler's that targets the Deployment; it starts with 1.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Replicas *int32 `json:"replicas,omitempty"`

	// template is the Pod as Kubernetes knows it; the sidecar is added to it as its first init container. It gives at
	// least one container, none named ambassador and none with containerPort equal to spec.port or 15901, and no
	// hostNetwork, because the sidecar would then listen on the node.
	// +required
	Template corev1.PodTemplateSpec `json:"template,omitzero"` //nolint:kubeapilinter // a rule requires a container in it
}

// WorkloadKind is the kind of object that runs the template.
//
// +kubebuilder:validation:Enum=Deployment;Pod
type WorkloadKind string

const (
	// DeploymentWorkload runs replicas and rolls on change.
	DeploymentWorkload WorkloadKind = "Deployment"
	// PodWorkload runs one Pod, which may end.
	PodWorkload WorkloadKind = "Pod"
)

// Sidecar adjusts the sidecar's container.
type Sidecar struct {
	// image is the sidecar's image. Default: the operator's --sidecar-image.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="self.matches('^[^\\\\s]+$')",message="not an image; write a reference without spaces, such as ghcr.io/acme/ambassador:1.4"
	Image string `json:"image,omitempty"`

	// resources replace the sidecar's requests and limits as a whole. Default: 10m CPU and 16Mi memory requested, 64Mi
	// memory at most.
	// +optional
	Resources *corev1.ResourceRequirements `json:"resources,omitempty"`

	// logLevel is the least severe level that the sidecar logs. Default: Info.
	// +optional
	// +default="Info"
	LogLevel LogLevel `json:"logLevel,omitempty"`

	// accessLog says which requests are logged, one JSON line each, never with a query or a credential: None, Errors (the
	// sidecar's own errors and answers of 500 and above) or All. Default: Errors.
	// +optional
	// +default="Errors"
	AccessLog AccessLog `json:"accessLog,omitempty"`

	// env is set in every container of the template that does not set the same name itself, such as
	// TMDB_URL=http://localhost:8080; at most 32. Never put a credential here. Default: none.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=32
	Env []EnvVar `json:"env,omitempty"`
}

// LogLevel is the least severe level that is logged.
//
// +kubebuilder:validation:Enum=Debug;Info;Warn;Error
type LogLevel string

const (
	// LogDebug logs what helps to find a fault.
	LogDebug LogLevel = "Debug"
	// LogInfo logs what changed, such as a reload.
	LogInfo LogLevel = "Info"
	// LogWarn logs what did not go as it should, but went on.
	LogWarn LogLevel = "Warn"
	// LogError logs what failed.
	LogError LogLevel = "Error"
)

// AccessLog selects the requests that are logged.
//
// +kubebuilder:validation:Enum=None;Errors;All
type AccessLog string

const (
	// AccessLogNone logs no request.
	AccessLogNone AccessLog = "None"
	// AccessLogErrors logs the sidecar's own errors and upstream answers of 500 and above.
	AccessLogErrors AccessLog = "Errors"
	// AccessLogAll logs every request.
	AccessLogAll AccessLog = "All"
)

// EnvVar is a variable with a plain value.
type EnvVar struct {
	// name is the variable's name: letters, digits and "_", not starting with a digit; at most 253 characters.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z_][A-Za-z0-9_]*$')",message="not a variable's name; write letters, digits and '_', such as TMDB_URL"
	Name string `json:"name,omitempty"`

	// value is the variable's value, at most 4096 characters. Default: empty.
	// +optional
	// +kubebuilder:validation:MaxLength=4096
	Value string `json:"value,omitempty"`
}
