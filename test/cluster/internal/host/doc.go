// Package host is what the cluster changes on the machine outside its state
// folder, each change beside its undoing: control groups, one network link, nft
// tables, mounts, kernel settings and a few folders whose places others choose.
//
// Everything that is undone is found by what the kernel knows (a group's
// members, a link's alias, a mount's place), never by remembered process ids:
// so it is found as well after any part was killed.
package host
