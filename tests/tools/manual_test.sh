#!/usr/bin/env bash
# Every man page is well formed: mandoc finds no error and no warning in it.
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v mandoc >/dev/null || { echo "mandoc is not installed (Debian package mandoc)" >&2; exit 1; }
pages=(man/*.[1-8])
[ -e "${pages[0]}" ] || { echo "no man page in man/" >&2; exit 1; }
status=0
for page in "${pages[@]}"; do
  mandoc -T lint -W warning "$page" || status=1
done
[ "$status" -ne 0 ] || echo "${#pages[@]} pages, no warning"
exit "$status"
