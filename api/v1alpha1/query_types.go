package v1alpha1

// RouteQuery edits the query that is forwarded: first remove and rename, then set, then default. A value of set and
// default may insert captures of the route's path, such as "{id}".
type RouteQuery struct {
	// remove takes out what the workload sent under these names; at most 32. Default: none.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=32
	Remove []ParameterName `json:"remove,omitempty"`

	// rename forwards the workload's parameter of each name under another one, its value untouched; at most 32. What the
	// workload sent under the new name is taken out. Default: none.
	// +optional
	// +kubebuilder:validation:MaxProperties=32
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^[!-~]{1,256}$'))",message="holds a name that is not a parameter's; write 1 to 256 visible ASCII characters without spaces, such as lang"
	Rename map[string]ParameterName `json:"rename,omitempty"`

	// set replaces whatever the workload sent under these names; at most 32. Default: none.
	// +optional
	// +kubebuilder:validation:MaxProperties=32
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^[!-~]{1,256}$'))",message="holds a name that is not a parameter's; write 1 to 256 visible ASCII characters without spaces, such as api_version"
	Set map[string]ParameterValue `json:"set,omitempty"`

	// default adds these where the workload sent none of that name; at most 32. Default: none.
	// +optional
	// +kubebuilder:validation:MaxProperties=32
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^[!-~]{1,256}$'))",message="holds a name that is not a parameter's; write 1 to 256 visible ASCII characters without spaces, such as api_version"
	Default map[string]ParameterValue `json:"default,omitempty"`
}

// ParameterValue is the plain, unescaped value of a query parameter, at most 1024 bytes.
//
// +kubebuilder:validation:MaxLength=1024
type ParameterValue string
