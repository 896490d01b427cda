{{- define "type_members" -}}
{{- $required := false -}}
{{- $bounds := list -}}
{{- range .Validation -}}
{{- if hasPrefix "Required" . }}{{ $required = true }}{{ else if not (hasPrefix "Optional" .) }}{{ $bounds = append $bounds . }}{{ end -}}
{{- end -}}
| `{{ .Name }}`{{ if $required }} (required){{ end }} | {{ markdownRenderType .Type }} | {{ if eq .Name "metadata" }}Kubernetes' own.{{ else }}{{ markdownRenderFieldDoc .Doc | replace "<br />" " " | replace "<port>" "&lt;port&gt;" }}{{ end }} | {{ join ", " $bounds }} |
{{ end -}}
