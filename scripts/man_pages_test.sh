#!/usr/bin/env bash
# The manual pages made of PROGRAM's help are in order: man_pages_test.sh PROGRAM. What man and groff find wrong
# with them is an error; ends with 77, "skipped", where man is not installed.
set -euo pipefail
program=$(realpath "$1")
command -v man >/dev/null || exit 77
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
"$(dirname "$0")/man_pages.py" "$program" "$out"

for page in "$out"/*.1.gz; do
  MANWIDTH=80 man --warnings -E UTF-8 -l "$page" >"$out/text" 2>"$out/warnings"
  if [ -s "$out/warnings" ]; then
    echo "$page:" >&2
    cat "$out/warnings" >&2
    exit 1
  fi
done

# Each option of a command is on its page.
"$program" export --help | grep -oE -- '--[a-z-]+' | sort -u >"$out/said"
MANWIDTH=200 man -E UTF-8 -l "$out/yoloport-export.1.gz" | grep -oE -- '--[a-z-]+' | sort -u >"$out/shown"
diff "$out/said" "$out/shown"
