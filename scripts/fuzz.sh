#!/bin/sh
# Runs the fuzz targets, two side by side, and says what each did.
#
#   fuzz.sh BUILD SECONDS [TARGET...]
#
# The corpus grows in BUILD/corpus/TARGET, what made a target fail goes to BUILD/findings/TARGET-*. Fails
# when anything did.
set -eu
build=$1
seconds=$2
shift 2
root=$(cd "$(dirname "$0")/.." && pwd)
[ $# -gt 0 ] || set -- $(cd "$build" && ls | sed -n "s/^fuzz_//p")
"$root/scripts/make_fuzz_seeds.py" "$build/corpus"
mkdir -p "$build/findings"

run() {
  target=$1
  mkdir -p "$build/corpus/$target"
  dictionary=$root/fuzz/dict/$target.dict
  [ -f "$dictionary" ] && dictionary="-dict=$dictionary" || dictionary=
  # shellcheck disable=SC2086  # no dictionary is no word
  if "$build/fuzz_$target" "$build/corpus/$target" "$root/testdata/fuzz/$target" $dictionary \
    -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2560 -print_final_stats=1 \
    -artifact_prefix="$build/findings/$target-" >"$build/findings/$target.log" 2>&1; then
    state=ok
  else
    state=FAILED
  fi
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$build/findings/$target.log")
  coverage=$(grep -o 'cov: [0-9]*' "$build/findings/$target.log" | tail -1)
  features=$(grep -o 'ft: [0-9]*' "$build/findings/$target.log" | tail -1)
  echo "$target: $state, ${executions:-?} executions, ${coverage:-}, ${features:-}"
  [ "$state" = ok ]
}

failed=0
while [ $# -gt 0 ]; do
  run "$1" &
  first=$!
  shift
  second=
  if [ $# -gt 0 ]; then
    run "$1" &
    second=$!
    shift
  fi
  wait "$first" || failed=1
  [ -z "$second" ] || wait "$second" || failed=1
done
exit "$failed"
