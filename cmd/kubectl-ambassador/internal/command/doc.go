// Package command is the command line of the plugin. It reads resources, checks and defaults them as the API server and
// the operator do (package admit, the operator's builders, the sidecar's document and its jq compiler), and hands them to
// the operator's builders or to the sidecar's own code (package proxy). It never talks to a cluster.
//
//	files -> admit -> check: each alone, then with those it takes in -> validate: every mistake, or a short word
//	                                                                 -> render: objects or document on standard output
//	                                                                 -> run: document and Secrets in a private folder -> proxy.Run
package command
