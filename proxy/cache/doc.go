// Package cache is a private cache (RFC 9111): it decides what of a service's answers may be kept, how long and for which
// requests, and keeps it within a bound of bytes. It reads and writes no connection and has no clock; the relay asks it.
//
//	request ── Query.Read ── Store.Look ──> Hit: Entry.AppendHead, Body                       (HitStale: and ask behind)
//	                             └────────> Miss, Validate: Store.Begin ──> Fill, or another's to wait for
//	answer  ── Query.Judge ──> Terms ── Fill.Keep, Write .. Commit   the head as the client gets it, content as it comes
//	   304  ── Query.JudgeNotModified ── Fill.Refresh                the entry, confirmed
//	anything else                     ── Fill.Abandon
//	POST and the like: Store.Purge
//
// # Whose cache it is
//
// It is private to whoever the sidecar's credential stands for, so that answers marked private are kept and s-maxage is not
// for it. It is emptied when the credential changes ([Store.Own]). A request in which the application itself speaks for
// somebody, by Authorization or Cookie, is treated as a shared cache treats it.
//
// # What is kept
//
// The answer as the client gets it. How long, and what the service is asked with later, is read from the answer as the service
// gave it. An answer that does not say how long it holds is kept only to be asked about again, unless the route's rule says
// more; nothing is guessed from its age. Content without a known end is not kept, nor are parts (206) and trailer fields.
//
// # Bounds
//
// All that an entry takes counts, and all that is being filled. Room is made by SIEVE: hits move nothing in memory and take a
// lock that readers share. Entries never change, so that one that is replaced or removed is read to its end.
//
// Of several requests that one answer serves, one asks. The others wait until that answer is there, or turns out not to be
// kept, or its request is over in any way; then each goes on by itself. They never wait twice, and not for targets whose
// answers were not kept a moment ago.
package cache
