// Package watch tells when files may have changed: by the system's notifications on their folders, and by the clock in
// case these are lost or can not be had.
//
// It does not read files and does not know which change matters; whoever is told compares what it reads with what it
// has. Folders are watched and not files, because files are replaced: the kubelet switches the link "..data" beside
// them, editors rename a new file over the old one.
//
//	notification -> wait for the rest of the change -> Changed
//	clock ----------------------------------------->
package watch
