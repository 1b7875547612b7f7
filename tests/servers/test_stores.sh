#!/usr/bin/env bash
# test_stores.sh [PROGRAM] - runs the contract of all stores against every S3 server whose tool is at hand, and names
# those that it skips. PROGRAM is the test program of the store room (default: build/debug/tests/flotsam_store_tests).
#
# Tools are looked for in PATH, or where these variables say: VERSITYGW, MINIO, MOTO_SERVER. Each server runs on
# 127.0.0.1 and a free port, in a directory of its own, and is ended here.
# Exit codes: 0 every store that was there passed, 1 one failed, 2 wrong use.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
program=${1:-$here/build/debug/tests/flotsam_store_tests}
[ $# -le 1 ] || { echo "usage: test_stores.sh [PROGRAM]" >&2; exit 2; }
[ -x "$program" ] || { echo "test_stores: '$program' is not built yet: run make build" >&2; exit 2; }

folder=$(mktemp -d "${TMPDIR:-/tmp}/flotsam-stores-XXXXXX")
server=
stop_server() {
  [ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }
  server=
}
trap 'stop_server; rm -rf -- "$folder"' EXIT
trap 'exit 130' INT TERM

listening() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
free_port() {
  local port
  for _ in {1..50}; do
    port=$((20000 + RANDOM % 10000))
    listening "$port" || { echo "$port"; return; }
  done
  echo "test_stores: found no free port" >&2
  exit 1
}

failed=() passed=() skipped=()
# try NAME LIMITS PORT COMMAND...: starts the server, runs the contract, stops the server. LIMITS are words:
# file_like (keys are paths: no "//", "..", final "/"), raw_keys (lists without url encoding: no control characters)
try() {
  local name=$1 limits=$2 port=$3
  shift 3
  "$@" >"$folder/$name.log" 2>&1 </dev/null &
  server=$!
  local deadline=$((SECONDS + 30))
  until listening "$port"; do
    if ! kill -0 "$server" 2>/dev/null || ((SECONDS >= deadline)); then
      echo "test_stores: $name does not start:" >&2
      tail -n 10 "$folder/$name.log" >&2
      failed+=("$name")
      stop_server
      return
    fi
    sleep 0.1
  done
  echo "== $name"
  local settings=(FLOTSAM_TEST_S3_ENDPOINT="http://127.0.0.1:$port" FLOTSAM_TEST_S3_ACCESS_KEY=testaccess
                  FLOTSAM_TEST_S3_SECRET_KEY=testsecret)
  [[ $limits != *file_like* ]] || settings+=(FLOTSAM_TEST_S3_FILE_LIKE=1)
  [[ $limits != *raw_keys* ]] || settings+=(FLOTSAM_TEST_S3_RAW_KEYS=1)
  if env "${settings[@]}" "$program" --gtest_brief=1 --gtest_filter='Stores/StoreContract.*:*GivenServer*'; then
    passed+=("$name")
  else
    failed+=("$name")
  fi
  stop_server
}
# tool VARIABLE NAME: the path of a tool, or nothing
tool() {
  local given=${!1:-}
  if [ -n "$given" ]; then echo "$given"; else command -v "$2" || true; fi
}

gateway=$(tool VERSITYGW versitygw)
if [ -n "$gateway" ]; then
  mkdir -p "$folder/versitygw"
  port=$(free_port)
  try versitygw file_like,raw_keys "$port" env ROOT_ACCESS_KEY=testaccess ROOT_SECRET_KEY=testsecret \
    "$gateway" --port "127.0.0.1:$port" posix "$folder/versitygw"
else
  skipped+=("versitygw (set VERSITYGW)")
fi

minio=$(tool MINIO minio)
if [ -n "$minio" ]; then
  port=$(free_port)
  try minio file_like "$port" env MINIO_ROOT_USER=testaccess MINIO_ROOT_PASSWORD=testsecret MINIO_BROWSER=off \
    HOME="$folder" "$minio" server --quiet --address "127.0.0.1:$port" "$folder/minio"
else
  skipped+=("MinIO (set MINIO)")
fi

moto=$(tool MOTO_SERVER moto_server)
if [ -n "$moto" ]; then
  port=$(free_port)
  try moto none "$port" "$moto" -H 127.0.0.1 -p "$port"
else
  skipped+=("moto (set MOTO_SERVER)")
fi

for name in "${passed[@]}"; do echo "passed:  $name"; done
for name in "${skipped[@]}"; do echo "skipped: $name"; done
for name in "${failed[@]}"; do echo "failed:  $name"; done
[ "${#failed[@]}" -eq 0 ]
