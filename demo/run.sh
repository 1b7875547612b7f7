#!/usr/bin/env bash
# run.sh FLOTSAM [--remove] - replays the incident of 2025-12-30 on a folder as store and an SQLite database.
#
# 6,892 objects: 5,089 under books/ (of which the database knows 5,074), 1,486 under listings/, 300 under images/, 17
# others. First with the incident's mistake, then with the right template. Nothing is deleted: a scan cannot.
# Everything is made in a new folder, whose name is printed at the end; --remove removes it (the suite does that).
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
quarantine = "$store/.flotsam-quarantine/"

[state]
dir = "state"
TOML
}

run() {                          # run CONFIG: scan, with what was typed and the exit code on screen
  printf '$ flotsam scan --config %s\n\n' "$(basename "$1")"
  local code=0
  "$flotsam" scan --config "$1" --no-progress || code=$?
  printf '\n(exit code %d)\n' "$code"
  last_code=$code
}

say "Making 6,892 objects and a database of 5,074 rows in $dir"
make_objects
make_database

say "1. The incident: the whole bucket, and rows taken for keys as they are"
write_config "$dir/incident.toml" 'whole_bucket = true' '{s3_key}'
run "$dir/incident.toml"
[ "$last_code" -eq 4 ] || { echo "demo: expected the guards to refuse (exit code 4)" >&2; exit 1; }

say "2. The right configuration: only books/, and the template that the bucket's keys follow"
write_config "$dir/flotsam.toml" 'prefixes = ["books/"]' 'books/{s3_key}'
run "$dir/flotsam.toml"
[ "$last_code" -eq 0 ] || { echo "demo: expected exit code 0" >&2; exit 1; }

orphans=$("$flotsam" scan --config "$dir/flotsam.toml" --json --no-progress |
  sed -n 's/^ *"orphans_found": *\([0-9]*\),*$/\1/p')
[ "$orphans" = 15 ] || { echo "demo: expected 15 orphans, found '$orphans'" >&2; exit 1; }

say "Nothing was deleted. Look around in $dir, then remove it: rm -r $dir"
