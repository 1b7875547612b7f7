#!/usr/bin/env bash
# run.sh BUILD_DIR - measures flotsam as whole processes and writes tables. docs/benchmarks.md says how to read them.
#
# Every run is held against the truth of its data set (counts and order-free sums of key hashes) before its time counts.
# The synthetic S3 and the databases are pinned to one core, flotsam to another.
#
# Settings, from the environment:
#   BENCH_OBJECTS      objects of the main data sets                            (default: 1000000)
#   BENCH_MANY         objects of the larger bucket with the same references    (default: ten times as many; 0: leave out)
#   BENCH_RUNS         counted runs of each row, after one to warm up           (default: 5)
#   BENCH_PARTS        which of: index listing references scan memory delete    (default: all)
#   BENCH_DELETES      objects to delete; 1000000 takes some five minutes       (default: 100000)
#   BENCH_KEY_RATE     deletions a second that the synthetic S3 takes           (default: 3500)
#   BENCH_SHAPES       key shapes for the listing        (default: incident hex2 uuid dates hot99 integers)
#   BENCH_CORES        core of the servers, core of flotsam                     (default: "0 1")
#   BENCH_OUT          the file to write                                        (default: BUILD_DIR/benchmarks.md)
#   BENCH_MEMORY_MIB   what the synthetic S3 may use to render its pages once   (default: 4096)
set -euo pipefail
die() { printf 'bench: %s\n' "$*" >&2; exit 1; }
say() { printf 'bench: %s\n' "$*" >&2; }

[ $# -eq 1 ] || { echo "usage: run.sh BUILD_DIR" >&2; exit 2; }
root=$(cd "$(dirname "$0")/.." && pwd -P)
build=$(cd "$1" && pwd -P)
for program in flotsam bench_generate bench_s3_server bench_measure bench_check bench_flotsam bench_journal; do
  [ -x "$build/$program" ] || die "$build/$program is missing: cmake --preset bench && cmake --build --preset bench"
done
command -v taskset >/dev/null || die "'taskset' is not installed (Debian: apt-get install util-linux)"

objects=${BENCH_OBJECTS:-1000000}
many=${BENCH_MANY:-$((objects * 10))}
runs=${BENCH_RUNS:-5}
deletes=${BENCH_DELETES:-100000}
key_rate=${BENCH_KEY_RATE:-3500}
parts=" ${BENCH_PARTS:-index listing references scan memory delete} "
read -ra shapes <<<"${BENCH_SHAPES:-incident hex2 uuid dates hot99 integers}"
read -r server_core client_core <<<"${BENCH_CORES:-0 1}"
out=${BENCH_OUT:-$build/benchmarks.md}
(($(nproc) > 1)) || { say "only one core: server and client share it"; client_core=$server_core; }

dir=$(mktemp -d "${TMPDIR:-/tmp}/flotsam-bench-XXXXXX")
chmod 755 "$dir"                            # database servers may run as users of their own
server_pid=
stop_server() {
  [ -z "$server_pid" ] || { kill "$server_pid" 2>/dev/null && wait "$server_pid" 2>/dev/null; } || true
  server_pid=
}
finish() {
  stop_server
  [ ! -d "$dir/postgres" ] || "$root/tests/servers/stop_postgres.sh" "$dir/postgres" --purge || true
  [ ! -d "$dir/mariadb" ] || "$root/tests/servers/stop_mariadb.sh" "$dir/mariadb" --purge || true
  rm -rf -- "$dir"
}
trap finish EXIT
trap 'exit 130' INT TERM
export AWS_ACCESS_KEY_ID=bench AWS_SECRET_ACCESS_KEY=bench AWS_EC2_METADATA_DISABLED=true
unset AWS_PROFILE AWS_SESSION_TOKEN AWS_ENDPOINT_URL AWS_ENDPOINT_URL_S3 FLOTSAM_CONFIG

start_server() {                            # start_server OPTIONS...: sets server_pid and endpoint
  stop_server
  rm -f "$dir/server.out"
  taskset -c "$server_core" "$build/bench_s3_server" --memory-mib "${BENCH_MEMORY_MIB:-4096}" "$@" >"$dir/server.out" &
  server_pid=$!
  for _ in {1..1200}; do                    # rendering ten million objects takes some seconds
    [ ! -s "$dir/server.out" ] || break
    kill -0 "$server_pid" 2>/dev/null || die "the synthetic S3 ended at once"
    sleep 0.1
  done
  read -r endpoint _ <"$dir/server.out" || die "the synthetic S3 does not get ready"
}

truth_of() { "$build/bench_generate" "$@" --truth >"$dir/truth"; }
true_line() { grep "^$1 " "$dir/truth"; }
heading() {
  printf '\n### %s\n\n| case | wall s, median (min–max) | rate | CPU s (user + sys) | CPU-s a million | peak RSS | server CPU / ours | remarks |\n|---|---|---|---|---|---|---|---|\n' "$1" >>"$out"
}
measure() {                                 # measure NAME UNITS UNIT [bench_measure's options] -- COMMAND...
  local name=$1 units=$2 unit=$3; shift 3
  "$build/bench_measure" --name "$name" --units "$units" --unit "$unit" --runs "$runs" --cpu "$client_core" --out "$out" \
    --stdout "$dir/stdout" "$@"
}
median_of() {                               # median_of NAME COLUMN: 3 is wall clock, 5 is CPU
  awk -F'|' -v name=" $1 " -v column="$2" '$2 == name { split($column, word, " "); value = word[1] } END { print value }' "$out"
}

write_config() {                            # write_config FILE DATABASE QUERY_OR_COLUMNS [line of [store]]
  cat >"$1" <<TOML
memory = "2GiB"
[store]
url      = "s3://bench"
endpoint = "$endpoint"
region   = "us-east-1"
prefixes = ["books/"]
${4:-}
[[references]]
name     = "book images"
database = "$2"
$3
objects  = ["books/{s3_key}"]
[state]
dir = "$dir/state"
TOML
}
by_query='query    = "SELECT s3_key FROM book_images"'
by_column='columns  = ["s3_key"]'

# --- references as databases and files ------------------------------------------------------------------------------
sources=() skipped=()
declare -A url_of how_of
add_source() { sources+=("$1"); url_of[$1]=$2; how_of[$1]=$3; }
make_sources() {
  say "writing $objects references and more as SQLite, CSV and CSV.gz"
  "$build/bench_generate" "${main[@]}" --sqlite "$dir/app.db" --csv "$dir/rows.csv.gz"
  "$build/bench_generate" "${main[@]}" --csv "$dir/rows.csv"
  add_source SQLite "sqlite:$dir/app.db" "$by_query"
  add_source CSV "csv:$dir/rows.csv" "$by_column"
  add_source CSV.gz "csv:$dir/rows.csv.gz" "$by_column"
  if taskset -c "$server_core" "$root/tests/servers/start_postgres.sh" "$dir/postgres" >&2; then
    local bin; bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
    ( . "$dir/postgres/env"
      "${bin:-/usr/bin}/psql" -X -q -v ON_ERROR_STOP=1 -c "CREATE TABLE book_images (id bigserial PRIMARY KEY, s3_key text NOT NULL)" \
        -c "\\copy book_images (s3_key) FROM '$dir/rows.csv' CSV HEADER" -c "VACUUM ANALYZE book_images" >&2 )
    add_source PostgreSQL "$(. "$dir/postgres/env"; echo "postgresql://$PGUSER:$PGPASSWORD@$PGHOST:$PGPORT/$PGDATABASE")" "$by_query"
  else
    skipped+=("PostgreSQL is not installed or did not start")
  fi
  if taskset -c "$server_core" "$root/tests/servers/start_mariadb.sh" "$dir/mariadb" >&2; then
    ( . "$dir/mariadb/env"
      mariadb --no-defaults -h "$MYSQL_HOST" -u "$MYSQL_USER" --local-infile=1 "$MYSQL_DATABASE" >&2 <<SQL
CREATE TABLE book_images (id BIGINT AUTO_INCREMENT PRIMARY KEY, s3_key VARCHAR(255) NOT NULL);
LOAD DATA LOCAL INFILE '$dir/rows.csv' INTO TABLE book_images IGNORE 1 LINES (s3_key);
SQL
    )
    add_source MariaDB "$(. "$dir/mariadb/env"; echo "mysql://$MYSQL_USER:$MYSQL_PWD@$MYSQL_HOST:$MYSQL_TCP_PORT/$MYSQL_DATABASE")" "$by_query"
  else
    skipped+=("MariaDB is not installed or did not start")
  fi
}

# --- the parts ------------------------------------------------------------------------------------------------------
main=(--shape incident --objects "$objects")

part_index() {
  heading "Index: $objects objects, keys in memory"
  measure "index: hash, collect, freeze, probe" "$references" keys --expect "$(true_line orphans)" --expect "$(true_line references)" -- \
    "$build/bench_flotsam" index "${main[@]}"
  measure "references by formula: resolve, collect, freeze" "$references" rows --expect "distinct $references" -- \
    "$build/bench_flotsam" references "${main[@]}"
  measure "scan by formula: no database, no HTTP, no XML" "$objects" objects --expect "$(true_line orphans)" --expect "scanned $objects" -- \
    "$build/bench_flotsam" scan "${main[@]}"
}

list_once() {                               # list_once NAME OPTIONS...
  local name=$1; shift
  measure "$name" "$objects" keys --server "$server_pid" --expect "$(true_line objects)" -- \
    "$build/bench_flotsam" list --endpoint "$endpoint" "$@"
}

# "cold": the store alone tells where to split. Else a sample of reference keys does, as in a scan.
part_listing() {
  heading "Listing alone: $objects objects, every key parsed, checked and hashed"
  local shape
  for shape in "${shapes[@]}"; do
    local data=(--shape "$shape" --objects "$objects")
    truth_of "${data[@]}"
    start_server "${data[@]}"
    list_once "$shape" "${data[@]}" --cut-points 4096
    list_once "$shape, cold" "${data[@]}"
    [ "$shape" = incident ] || continue
    list_once "$shape, 1 connection" "${data[@]}" --connections 1
    start_server "${data[@]}" --latency-ms 50
    list_once "$shape, 50 ms a page" "${data[@]}" --cut-points 4096
    start_server "${data[@]}" --latency-ms 50 --spread lognormal
    list_once "$shape, 50 ms log-normal" "${data[@]}" --cut-points 4096
  done
  truth_of "${main[@]}"
}

part_references() {
  heading "References alone: $references rows"
  local source
  for source in "${sources[@]}"; do
    measure "$source: rows read and summed" "$references" rows --expect "$(true_line references)" -- \
      "$build/bench_flotsam" rows "${main[@]}" --database "${url_of[$source]}"
    "$build/bench_flotsam" references --prove "${main[@]}" --database "${url_of[$source]}" >"$dir/proved"
    grep -qxF "$(true_line references)" "$dir/proved" && grep -qxF "$(true_line orphans)" "$dir/proved" ||
      die "$source: the index holds other keys than the table, see $dir/proved"
    measure "$source: read, resolved, frozen" "$references" rows --expect "distinct $references" -- \
      "$build/bench_flotsam" references "${main[@]}" --database "${url_of[$source]}"
  done
}

part_scan() {
  start_server "${main[@]}"
  heading "Whole scans: \`flotsam scan\`, $objects objects against $references rows"
  local source
  for source in "${sources[@]}"; do
    write_config "$dir/flotsam.toml" "${url_of[$source]}" "${how_of[$source]}"
    if [ "$source" = SQLite ]; then         # once with every key listed, so that all sums are proved
      "$build/flotsam" scan -q --json -c "$dir/flotsam.toml" --plan "$dir/plan" --list "orphan=$dir/orphans" \
        --list "referenced=$dir/referenced" --list "dangling=$dir/dangling" >"$dir/report.json"
      "$build/bench_check" "${main[@]}" --report "$dir/report.json" --plan "$dir/plan" --list-objects "$dir/orphans" \
        --list-objects "$dir/referenced" --list-dangling "$dir/dangling"
      rm "$dir/orphans" "$dir/referenced" "$dir/dangling"
    fi
    measure "scan, $source" "$objects" objects --server "$server_pid" --before "rm -rf '$dir/state' '$dir/plan'" \
      --check "'$build/bench_check' ${main[*]} --report '$dir/stdout' --plan '$dir/plan'" -- \
      "$build/flotsam" scan -q --json -c "$dir/flotsam.toml" --plan "$dir/plan"
  done
}

ratio_of_scan() {                           # a whole scan against its halves
  local column listing references_alone scan
  for column in 3 5; do
    listing=$(median_of incident "$column") references_alone=$(median_of "SQLite: read, resolved, frozen" "$column")
    scan=$(median_of "scan, SQLite" "$column")
    [ -n "$listing" ] && [ -n "$references_alone" ] && [ -n "$scan" ] || return 0
    awk -v what="$([ "$column" = 3 ] && echo "wall clock" || echo CPU)" -v l="$listing" -v r="$references_alone" -v s="$scan" 'BEGIN {
      printf "\nWhole scan / (listing alone + references alone), SQLite, %s: %.3f s / (%.3f s + %.3f s) = **%.2f**\n", what, s, l, r, s / (l + r) }' >>"$out"
  done
}

part_memory() {
  heading "Peak memory: the same $references references, more objects"
  local count
  for count in "$objects" "$many"; do
    ((count > 0)) || continue
    # The table is the same; objects beyond it are what no candidate glob matches, so that the plan stays as small.
    local data=(--shape integers --objects "$count" --orphans $((count - objects + 1000)) --dangling 0)
    "$build/bench_generate" "${data[@]}" --sqlite "$dir/memory.db"
    start_server "${data[@]}"
    write_config "$dir/memory.toml" "sqlite:$dir/memory.db" "$by_query" 'candidates = ["books/none/**"]'
    measure "$count objects" "$count" objects --server "$server_pid" --code 0 --code 4 --before "rm -rf '$dir/state' '$dir/plan'" \
      --check "'$build/bench_check' ${data[*]} --orphan-verdict unrecognised --report '$dir/stdout' --plan '$dir/plan'" -- \
      "$build/flotsam" scan -q --json -c "$dir/memory.toml" --plan "$dir/plan"
  done
}

# Nearly everything is an orphan, and the guards that would say so are set aside by their limits: what is measured is the
# deleting. Its rate is that of the whole program, the second reading of the references and all looks included.
part_delete() {
  local data=(--shape incident --objects $((deletes + deletes / 8)) --orphans "$deletes" --dangling 0) plan began seconds
  heading "Deleting: journal of $objects objects, then $deletes deletions at a store that takes $key_rate a second"
  measure "journal: intents and outcomes, synced" "$objects" objects --before "rm -rf '$dir/journal'" --expect "objects $objects" -- \
    "$build/bench_journal" write "${main[@]}" --state "$dir/journal"
  measure "journal: read again" "$objects" objects --expect "objects $objects" -- \
    "$build/bench_journal" read --state "$dir/journal"
  rm -rf "$dir/journal" "$dir/state"
  "$build/bench_generate" "${data[@]}" --sqlite "$dir/delete.db"
  start_server "${data[@]}" --keys-per-second "$key_rate"
  write_config "$dir/delete.toml" "sqlite:$dir/delete.db" "$by_query"
  cat >>"$dir/delete.toml" <<TOML
[guards]
orphan-percent = 100
shape-percent = 100
max-bytes = "100TiB"
[delete]
method = "version"
max_rate = $key_rate
TOML
  "$build/flotsam" scan -q --json -c "$dir/delete.toml" --plan "$dir/plan" >"$dir/report.json" || [ $? = 4 ]
  began=$(date +%s.%N)
  taskset -c "$client_core" "$build/flotsam" apply "$dir/plan" --expect "$deletes" -q --json -c "$dir/delete.toml" >"$dir/applied.json"
  seconds=$(awk -v a="$began" -v b="$(date +%s.%N)" 'BEGIN { print b - a }')
  grep -q "\"deleted\": *$deletes\b" "$dir/applied.json" || die "not all were deleted, see $dir/applied.json"
  stop_server
  grep -q " removed $deletes " "$dir/server.out" || die "the store counts other deletions: $(tail -n 1 "$dir/server.out")"
  awk -v n="$deletes" -v s="$seconds" -v r="$key_rate" -v counts="$(tail -n 1 "$dir/server.out")" 'BEGIN {
    printf "\nflotsam apply: %d objects in %.1f s, %.0f keys/s = **%.1f %%** of %d keys/s; server: %s\n", n, s, n / s, 100 * n / s / r, r, counts }' >>"$out"
}

machine() {
  local model; model=$(lscpu | awk -F': *' '/^Model name/ { print $2; exit }')
  printf -- '- date: %s; commit %s%s\n' "$(date -u '+%F %H:%M UTC')" "$(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo unknown)" \
    "$(git -C "$root" diff --quiet HEAD 2>/dev/null || echo ' and uncommitted changes')"
  printf -- '- machine: %s, %s cores, %s memory, Linux %s, %s\n' "$model" "$(nproc)" "$(free -h | awk '/^Mem/ { print $2 }')" \
    "$(uname -r)" "$(. /etc/os-release && echo "$PRETTY_NAME")"
  printf -- '- compiler: %s, %s; libcurl %s; SQLite %s\n' "$(c++ --version | head -n 1)" \
    "$(grep -o 'CMAKE_BUILD_TYPE:[A-Z]*=.*' "$build/CMakeCache.txt" | cut -d= -f2)" "$(pkg-config --modversion libcurl)" "$(pkg-config --modversion sqlite3)"
  printf -- '- servers on core %s, flotsam on core %s; %s counted runs after one to warm up; files in the page cache\n' "$server_core" "$client_core" "$runs"
  printf -- '- load average before: %s\n' "$(cut -d' ' -f1-3 /proc/loadavg)"
}

machine >"$out"
truth_of "${main[@]}"
references=$(true_line references | cut -d' ' -f2)
[[ $parts != *" references "* && $parts != *" scan "* ]] || make_sources
for part in index listing references scan memory delete; do
  [[ $parts != *" $part "* ]] || { say "$part"; "part_$part"; }
done
ratio_of_scan
for reason in "${skipped[@]}"; do printf '\nSkipped: %s.\n' "$reason" >>"$out"; done
printf '\n- load average after: %s\n' "$(cut -d' ' -f1-3 /proc/loadavg)" >>"$out"
cat "$out"
say "written to $out"
