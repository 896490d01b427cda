// Package image packs programs into container images without an engine or a
// registry: one layer of a few files, written as an archive that ctr, kind and
// docker load.
package image
