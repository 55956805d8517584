#!/usr/bin/env bash
# Runs clang-tidy on the sources that changed, the latest changes first.
#
#   scripts/tidy.sh [BASE]    (BASE: a commit; default: the last 30 commits)
#
# A header is checked through its own source, or else through one that includes it. Sources not
# reached within TIDY_SECONDS (default 600) are listed instead, so that CI ends in bounded time.
# Takes the flags from build/compile_commands.json, which are GCC's.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup_wheel.sh clang-tidy

range=(-30)
if [[ -n ${1:-} ]]; then
  git rev-parse --quiet --verify "$1^{commit}" >/dev/null || { echo "tidy: no commit '$1'" >&2; exit 2; }
  range=("$1..HEAD")
fi
deadline=$((SECONDS + ${TIDY_SECONDS:-600}))
compiled=$(sed -n "s|^ *\"file\": \"$PWD/\(.*\)\".*|\1|p" build/compile_commands.json)

changed() {
  git diff --name-only HEAD
  git ls-files --others --exclude-standard
  git log --name-only --format= "${range[@]}"
}

sources() {
  while read -r file; do
    source=${file%.*}.cc
    if ! grep -qxF "$source" <<<"$compiled" && [[ $file == *.h ]]; then
      source=$(git grep -lF "\"${file#*/}\"" -- '*.cc' | grep -xF "$compiled" | head -n 1) || true
    fi
    grep -xF -- "$source" <<<"$compiled" || true
  done < <(changed | grep -E '\.(cc|h)$' || true)
}

mapfile -t files < <(sources | awk '!seen[$0]++')

skipped=()
failed=0
jobs=$(nproc)
for ((i = 0; i < ${#files[@]}; i += jobs)); do
  if ((SECONDS >= deadline)); then
    skipped=("${files[@]:i}")
    break
  fi
  printf '%s\0' "${files[@]:i:jobs}" |
    xargs -0 -n 1 -P "$jobs" build/deps/clang-tidy/clang_tidy/data/bin/clang-tidy --quiet -p build 2> >(grep -v 'warnings\? generated' >&2) ||
    failed=1
done
if ((${#skipped[@]})); then
  echo "tidy: out of time; not checked: ${skipped[*]}"
fi
echo "tidy: $((${#files[@]} - ${#skipped[@]})) of ${#files[@]} changed sources checked"
exit $failed
