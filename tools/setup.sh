#!/usr/bin/env bash
# setup.sh GROUP... - installs the packages of packages.txt of these groups ("build", "test") that are missing.
#
# By root: installs them with apt-get, without starting any server that a package brings. Otherwise: says which are
# missing and how to install them.
# Exit codes: 0 all there, 1 an installation failed, 3 something is missing and we are not root.
set -euo pipefail
cd "$(dirname "$0")/.."

wanted=()
for group in "$@"; do
  while read -r kind name _; do
    [ "$kind" != "$group" ] || wanted+=("$name")
  done <packages.txt
done

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }
command -v dpkg-query >/dev/null || {
  echo "setup: no dpkg here. flotsam builds from the packages of Debian 12 or 13; see packages.txt for their names." >&2
  exit 3
}
missing=()
for name in "${wanted[@]}"; do
  is_installed "$name" || missing+=("$name")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
  echo "setup: ${#missing[@]} packages are missing. Install them, then run this again:" >&2
  echo "  sudo apt-get update && sudo apt-get install --no-install-recommends ${missing[*]}" >&2
  exit 3
fi

echo "setup: installing ${#missing[@]} packages: ${missing[*]}"
# The test servers are started by the tests, each in a folder of its own: keep the packages from starting theirs.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
{ apt-get update -q && apt-get install -q -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 || {
  tail -n 20 "$log" >&2
  echo "setup: the installation failed; the whole log is $log" >&2
  exit 1
}
rm -f "$log"
