// Package proxy is the sidecar as a whole: it loads the document, opens a loopback port for each ambassador in it, and
// keeps both current while requests flow.
//
// It holds no logic of its own but the life of its parts, which are the packages below it. It knows nothing of
// Kubernetes: a document, a folder of credentials and a context are all it needs.
//
//	document -> services (routes, credentials, endpoint) -> a door for each port -> relay
//	files change -> document read again, whole -> services swapped; credentials read again
//	context ends -> doors closed -> requests in flight end within the grace time
//
// # When the document is not right
//
// At the start a document that is missing or invalid ends Run with all of its errors: there is nothing to serve, and
// whoever starts the sidecar shall see it. Later such a document is reported (log, metric, /status) and the last good
// one goes on, as it does when the file is removed. A document that needs a port which is taken counts as invalid.
package proxy
