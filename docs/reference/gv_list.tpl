{{- define "gvList" -}}
# Reference

Written by `make docs` from the types in [api/v1alpha1](../api/v1alpha1). How it fits together is in [concepts.md](concepts.md);
conditions and their reasons are in [conditions.go](../api/v1alpha1/conditions.go).
{{ range . }}{{ template "gvDetails" . }}{{ end }}
{{- end -}}
