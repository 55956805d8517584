#!/usr/bin/env bash
# Lays out all C++ sources; with --check changes nothing and fails where one is not laid out.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup_wheel.sh clang-format
mode=(-i)
[[ ${1:-} != --check ]] || mode=(--dry-run --Werror)
git ls-files -z --cached --others --exclude-standard -- '*.cc' '*.h' |
  xargs -0 -r -n 32 -P "$(nproc)" build/deps/clang-format/clang_format/data/bin/clang-format "${mode[@]}" || {
  echo "format: 'make format' lays these out." >&2
  exit 1
}
