#!/usr/bin/env bash
# Parity with recorded results of the real MMYOLO that are not part of the repository: parity.sh ORACLE.
# ORACLE/cases holds one small network a folder (see src/pipeline/parity_test.cc); ORACLE/../real a trained
# model, photos and MMYOLO's detections on them. Both are compared where they are there.
set -euo pipefail
cd "$(dirname "$0")/.."
oracle=$(cd "${1:?usage: parity.sh ORACLE}" && pwd)
real=$oracle/../real
out=build/parity
mkdir -p "$out"
status=0

if [ -d "$oracle/cases" ]; then
  echo "== recorded outputs of easydeploy"
  YOLOPORT_CASES=$oracle/cases build/yoloport_parity_test --gtest_brief=1 || status=1
fi
if [ -d "$real" ]; then
  echo "== a trained YOLOv5-n on photos"
  build/yoloport export "$real/yolov5n_coco.py" "$real/yolov5n_coco.pth" --from-test-cfg --output "$out/real.onnx" --quiet
  build/yoloport detect "$real"/*.jpg "$out/real.onnx" --json "$out/real.jsonl" --score-thr 0.2 --no-save --quiet
  scripts/compare_detections.py "$out/real.jsonl" "$real/mmyolo_detections.json" || status=1
fi
exit $status
