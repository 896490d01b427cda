{{- define "type" -}}
{{- if markdownShouldRenderType . }}
## {{ .Name }}

{{ .Doc | replace "<" "&lt;" }}
{{- if .IsAlias }}

Type: {{ markdownRenderTypeLink .UnderlyingType }}.
{{- range .Validation }} {{ . }}.{{ end }}
{{- end }}
{{- if .References }}

Used by {{ range $i, $_ := .SortedReferences }}{{ if $i }}, {{ end }}{{ markdownRenderTypeLink . }}{{ end }}.
{{- end }}
{{- if .Members }}

| Field | Type | Description | Bounds |
| --- | --- | --- | --- |
{{ range .Members }}{{ template "type_members" . }}{{ end }}
{{- end }}
{{- if .EnumValues }}

| Value | Description |
| --- | --- |
{{ range .EnumValues }}| `{{ .Name }}` | {{ markdownRenderFieldDoc .Doc | replace "<br />" " " }} |
{{ end }}
{{- end }}
{{ end -}}
{{- end -}}
