#!/usr/bin/env bash
# run.sh FLOTSAM [--remove] - replays the incident of 2025-12-30 on a folder as store and an SQLite database.
#
# 6,892 objects: 5,089 under books/ (of which the database knows 5,074), 1,486 under listings/, 300 under images/, 17
# others. First with the incident's mistake, then with the right template; then the 15 orphans are deleted, and brought
# back. Everything is made in a new folder, whose name is printed at the end; --remove removes it (the suite does that).
set -euo pipefail
flotsam=$(realpath "${1:?usage: run.sh FLOTSAM}")
command -v sqlite3 >/dev/null || { echo "demo: sqlite3 is not installed (apt-get install sqlite3)" >&2; exit 1; }
dir=$(mktemp -d "${TMPDIR:-/tmp}/flotsam-demo-XXXXXX")
store=$dir/bucket
[ "${2:-}" != --remove ] || trap 'rm -rf -- "$dir"' EXIT

say() { printf '\n\033[1m%s\033[0m\n\n' "$*" | { if [ -t 1 ]; then cat; else sed 's/\x1b\[[0-9]*m//g'; fi; }; }

make_objects() {                 # 5,074 images of 634 books, 15 uploads nobody refers to, and what else lived there
  local book image count=0
  mkdir -p "$store"/{books,listings,images,prompts,packages}
  for ((book = 101; count < 5074; book++)); do
    mkdir -p "$store/books/$book"
    for ((image = 0; image < 8 && count < 5074; image++, count++)); do
      printf -v name '%d/image_%02d.webp' "$book" "$image"
      printf 'image %d of book %d\n%*s' "$image" "$book" $((400 + (book * 37 + image * 101) % 900)) '' >"$store/books/$name"
      printf '%s\n' "$name" >>"$dir/rows.csv"
    done
  done
  for ((image = 1; image <= 15; image++)); do
    mkdir -p "$store/books/orphan$image"
    printf 'an upload that no row ever named %d' "$image" >"$store/books/orphan$image/photo.jpg"
  done
  for ((image = 0; image < 1486; image++)); do printf 'listing %d' "$image" >"$store/listings/item_$image.html"; done
  for ((image = 0; image < 300; image++)); do printf 'picture %d' "$image" >"$store/images/header_$image.png"; done
  for ((image = 0; image < 12; image++)); do printf 'prompt %d' "$image" >"$store/prompts/prompt_$image.txt"; done
  for ((image = 0; image < 5; image++)); do printf 'package %d' "$image" >"$store/packages/lambda-$image.zip"; done
}

make_database() {                # the database stores "515/image_00.webp", the bucket "books/515/image_00.webp"
  sqlite3 "$dir/app.db" <<SQL
CREATE TABLE book_images (id INTEGER PRIMARY KEY, s3_key TEXT NOT NULL);
.mode csv
CREATE TABLE import (s3_key TEXT);
.import $dir/rows.csv import
INSERT INTO book_images (s3_key) SELECT s3_key FROM import;
DROP TABLE import;
SQL
  rm "$dir/rows.csv"
}

write_config() {                 # write_config FILE SCOPE TEMPLATE
  cat >"$1" <<TOML
[store]
url     = "file://$store"
$2
# The demo's files are seconds old. A real bucket keeps min_age at its default of 7 days: an upload whose row is not
# written yet must not look like an orphan.
min_age = "0s"
allow_short_min_age = true

[[references]]
name     = "book images"
database = "sqlite:app.db"
query    = "SELECT s3_key FROM book_images"
objects  = ["$3"]

[delete]
quarantine = "$dir/quarantine/"

[state]
dir = "state"
TOML
}

run() {                          # run EXPECTED ARGS…: flotsam, with what was typed and the exit code on screen
  local expected=$1 code=0
  shift
  printf '$ flotsam %s\n\n' "$*"
  (cd "$dir" && "$flotsam" "$@" --no-progress) || code=$?
  printf '\n(exit code %d)\n' "$code"
  [ "$code" -eq "$expected" ] || { echo "demo: expected exit code $expected" >&2; exit 1; }
}

tree() {                         # one sum over names, modes, times, sizes and contents of everything in the bucket
  (cd "$store" && { find . -printf '%y %P\n'; find . -type f -printf '%P %m %s %T@\n'
                    find . -type f -print0 | sort -z | xargs -0 sha256sum; } | LC_ALL=C sort | sha256sum)
}

is_same() { [ "$1" = "$2" ] || { echo "demo: $3: '$1' is not '$2'" >&2; exit 1; }; }

say "Making 6,892 objects and a database of 5,074 rows in $dir"
make_objects
make_database

say "1. The incident: the whole bucket, and rows taken for keys as they are"
write_config "$dir/incident.toml" 'whole_bucket = true' '{s3_key}'
run 4 scan --config incident.toml          # the guards refuse

say "2. The right configuration: only books/, and the template that the bucket's keys follow"
write_config "$dir/flotsam.toml" 'prefixes = ["books/"]' 'books/{s3_key}'
run 0 scan --plan plan.ndjson
orphans=$("$flotsam" show "$dir/plan.ndjson" --json | sed -n 's/^ *"orphans_found": *\([0-9]*\),*$/\1/p')
is_same "$orphans" 15 "orphans found"
before=$(tree)

say "3. Delete the 15 that the plan names: they go into a quarantine beside the bucket"
run 0 apply plan.ndjson --expect 15
[ ! -e "$store/books/orphan1/photo.jpg" ] || { echo "demo: books/orphan1/photo.jpg still stands" >&2; exit 1; }
is_same "$(find "$store" -type f | wc -l)" 6877 "files in the bucket"

say "4. Bring them back"
journal=$(find "$dir/state/journals" -name '*.ndjson')
run 0 undo "${journal#"$dir/"}"
after=$(tree)
is_same "$after" "$before" "the bucket after undo"
printf 'Names, modes, times and contents of the bucket, before and after:\n  %s\n  %s\n' "${before%% *}" "${after%% *}"

say "5. What happened here"
run 0 history

say "Look around in $dir, then remove it: rm -r $dir"
