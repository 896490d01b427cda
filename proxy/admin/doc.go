// Package admin answers questions about the sidecar on a port of its own: is it alive, is it ready, what does it
// measure, what has it loaded.
//
// It reads and never changes anything, and it shows no credential: those who ask get names, states and counts. It is
// meant for the kubelet, a metrics scraper and people, so it is bounded rather than fast: few connections, small
// requests, short waits.
//
//	GET /healthz   200 "ok" while the process answers
//	GET /readyz    200 "ok", or JSON naming what is stale; 503 and JSON naming what is missing
//	GET /metrics   Prometheus text
//	GET /status    JSON: listeners, routes, endpoints, what was loaded when, what is wrong
package admin
