// Package guard decides whether a call may go to one ambassador's service now: it bounds calls in flight, spares a service
// that fails (circuit breaker), keeps to a rate (token bucket), and leaves a service alone that has asked for it (cool-down).
//
// It sends nothing and reads no message. Whoever calls asks before each attempt and tells how it went:
//
//	Try ──> slot ──> breaker ──> cool-down, queue, bucket ──> Call ──> Heard(outcome) ──> End
//	 │ over the rate, and that is to be waited for                       breaker, cool-down   slot
//	 └──> Wait(ctx): one after the other, first come, first served
//
// A Call is ended in any case, also where the client went away: an attempt of which nothing was heard counts for the
// breaker neither as success nor as failure, and its place as a probe goes to the next call. What is heard of an attempt
// that began before the breaker opened or closed is left out: it says nothing of the service as it is now.
//
// A waiting call takes its token when it goes, not before, so that one which goes away has nothing to give back.
//
// State (the breaker's, the bucket's filling, the cool-down, the calls in flight) goes over from one [Guard] to the next
// where the settings that it depends on are equal, part by part.
package guard
