package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Bounds of the status: how much evidence is kept.
const (
	// MaxStatusPods is the number of Pods that status.pods lists, those that miss something first.
	MaxStatusPods = 16
	// MaxStatusMissing is the number of entries in a Pod's missing.
	MaxStatusMissing = 32
)

// AmbassadorStatus is what the operator observed last.
type AmbassadorStatus struct {
	// conditions are Ready, Accepted, CredentialsReady and Isolated, and Reconciling or Stalled while they are True.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the metadata.generation that this status speaks of.
	// +optional
	// +kubebuilder:validation:Minimum=0
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// url is what the workload's containers call, such as http://localhost:8080.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	URL string `json:"url,omitempty"`

	// replicas is the number of Pods that run.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Replicas int32 `json:"replicas"`

	// readyReplicas is the number of Pods that are ready: their containers run and their sidecar holds every credential.
	// +optional
	// +kubebuilder:validation:Minimum=0
	ReadyReplicas int32 `json:"readyReplicas"`

	// selector selects the Pods, in the form that autoscalers read.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Selector string `json:"selector,omitempty"`

	// pods is what was seen of the Pods, at most 16, those that miss something first and then by name.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=16
	Pods []PodEvidence `json:"pods,omitempty"`
}

// PodEvidence is what was seen of one Pod's sidecar.
type PodEvidence struct {
	// name is the Pod's name.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`

	// ready says that the sidecar holds every credential.
	// +required
	Ready bool `json:"ready"` //nolint:kubeapilinter // false is said, not left out

	// missing names what the sidecar lacks, each as "secret/key: problem"; at most 32. Never a value.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MaxLength=600
	Missing []string `json:"missing,omitempty"`
}
