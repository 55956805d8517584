#!/bin/sh
# Runs the fuzz targets and prints a row of docs/security.md's table for each.
#
#   fuzz.sh BUILD SECONDS [TARGET...]
#
# Two targets run side by side, or as many as $SIDE_BY_SIDE says. An input may take $TIMEOUT seconds, 10 unless
# told: by the clock, so give more where other work takes the processors. The corpus grows in BUILD/corpus/TARGET,
# what made a target fail goes to BUILD/findings/TARGET-*, beside each run's log. Fails when anything did.
set -eu
build=$1
seconds=$2
shift 2
root=$(cd "$(dirname "$0")/.." && pwd)
[ $# -gt 0 ] || set -- $(cd "$build" && ls | sed -n "s/^fuzz_//p")
"$root/scripts/make_fuzz_seeds.py" "$build/corpus" >&2
mkdir -p "$build/findings"

# run TARGET: its row; fails when it found something.
run() {
  target=$1
  log=$build/findings/$target.log
  mkdir -p "$build/corpus/$target"
  set -- "$build/corpus/$target"
  [ ! -d "$root/testdata/fuzz/$target" ] || set -- "$@" "$root/testdata/fuzz/$target"
  [ ! -f "$root/fuzz/dict/$target.dict" ] || set -- "$@" "-dict=$root/fuzz/dict/$target.dict"
  state=none
  "$build/fuzz_$target" "$@" -max_total_time="$seconds" -timeout="${TIMEOUT:-10}" -rss_limit_mb=2560 \
    -print_final_stats=1 -artifact_prefix="$build/findings/$target-" >"$log" 2>&1 || state=FAILED
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -1)
  features=$(sed -n 's/.* ft: \([0-9]*\) .*/\1/p' "$log" | tail -1)
  echo "| \`$target\` | $seconds s | ${executions:-?} | ${edges:-?} | ${features:-?} | $state |"
  [ "$state" = none ]
}

echo "| target | time | executions | edges | features | findings |"
echo "| --- | --- | --- | --- | --- | --- |"
failed=0
while [ $# -gt 0 ]; do
  running=
  while [ $# -gt 0 ] && [ "$(echo "$running" | wc -w)" -lt "${SIDE_BY_SIDE:-2}" ]; do
    run "$1" &
    running="$running $!"
    shift
  done
  for process in $running; do
    wait "$process" || failed=1
  done
done
exit "$failed"
