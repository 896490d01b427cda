#!/usr/bin/env bash
# Makes every generated file anew in a copy of the tree, and fails where one is not what is there.
set -euo pipefail
cd "$(dirname "$0")/../.."

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -r Makefile go.mod go.sum api controllers config docs proxy test "$copy"
make -s -C "$copy" generate manifests docs >&2

stale=0
for path in api config/crd config/rbac docs/reference.md; do
	diff -ru "$path" "$copy/$path" >&2 || stale=1
done
if [ $stale = 1 ]; then
	echo "Generated files are not current; run: make generate manifests docs" >&2
	exit 1
fi
