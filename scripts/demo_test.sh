#!/usr/bin/env bash
# Exports the demo's checkpoint, detects on its pages and compares with MMYOLO's own detections on them:
# demo_test.sh BUILD_FOLDER
set -euo pipefail
build=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
"$build/yoloport" export demo/config.py demo/digits.pth --from-test-cfg --output "$out/digits.onnx" --quiet
"$build/yoloport" detect demo/page1.png demo/page2.png "$out/digits.onnx" --json "$out/found.jsonl" \
  --score-thr 0.2 --no-save --quiet
scripts/compare_detections.py "$out/found.jsonl" demo/expected.json --min-score 0.26
