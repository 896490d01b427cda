#!/usr/bin/env bash
# Installs the Debian packages that the tests and the embedded cluster need and
# this machine lacks, and those named as arguments. It says what it installs, and
# does nothing where all is there.
set -euo pipefail

packages=(
  ca-certificates gcc libc6-dev curl        # TLS roots, the race detector, the demo's client
  runc containernetworking-plugins nftables # the node
  busybox-static                            # a shell in the images of main containers
  "$@"
)

if ! command -v dpkg-query >/dev/null; then
  echo "deps: not a Debian machine; install by your own means: ${packages[*]}" >&2
  exit 0
fi

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
  [[ $status == "install ok installed" ]] || missing+=("$package")
done
((${#missing[@]})) || exit 0

sudo=()
((EUID == 0)) || sudo=(sudo)
echo "deps: installing ${missing[*]}"
"${sudo[@]}" apt-get update -q
DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}"
