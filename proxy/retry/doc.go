// Package retry decides whether a request goes to its service once more, and when. It is pure: it sends nothing, waits for
// nothing, and takes time and chance as parameters.
//
//	Result ──> condition met? attempts left? may it go twice? ──> back-off with full jitter, Retry-After ──> Verdict
//	Budget ──> at most a fifth of the calls that are live are retried at one time, and three in any case
//
// What may have reached the service goes again only where the request allows that (RFC 9110 section 9.2.2, or an
// idempotency key); what has not, always does.
package retry
