// Package controllers turns Ambassadors into Pods with a sidecar, and tells how they are.
//
// A pass over one Ambassador has four parts, in this order and each in its own files. Only the first and the last two
// talk to the API server, and only to read what is not cached, to apply what differs and to write a status that changed.
//
//	gather  the Ambassador, its children and Pods, those that it takes in (guests) and those that take it in (hosts),
//	        from the cache; a sidecar that is not ready is asked why
//	decide  pure: is the spec sound, by itself and with its guests, and which children does it stand for (package build)
//	apply   each child that is not as wanted (package drift), server-side, under one field owner
//	judge   pure: conditions, in kstatus's sense
//	report  one status write where something changed, and Events where a condition turned
//
// It reads no Secret and has no right to. It sets no finalizer: children go by their owner references. It touches no
// object that is not controlled by the Ambassador at hand, whatever its name.
package controllers
