// Package command is the command line of the plugin. It reads resources, checks and defaults them as the API server and
// the operator do (package admit, controllers.Preview), and hands them to the operator's builders or to the sidecar's
// own code (package proxy). It never talks to a cluster.
//
//	files -> admit -> controllers.Preview -> render: objects or document on standard output
//	                                      -> run: document and Secrets in a private folder -> proxy.Run
package command
