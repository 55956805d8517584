#!/usr/bin/env bash
# MMYOLO's own detections on photos, for each recorded case: parity_photos.sh CASES PHOTOS OUT.
# Of MMYOLO's 100 best on a photo at least 98 must be found: label equal, score within 0.01, IoU 0.97.
set -euo pipefail
cd "$(dirname "$0")/.."
cases=$1 photos=$2 out=$3
status=0
for case in "$cases"/*/; do
  name=$(basename "$case")
  if [ ! -f "$case/mmyolo_detections.npz" ] || [ ! -f "$case/easydeploy_onnxruntime.npz" ]; then continue; fi
  echo "$name"
  build/yoloport export "$case/config.py" "$case/checkpoint.pth" --from-test-cfg --output "$out/$name.onnx" --quiet
  build/yoloport detect "$photos/demo.jpg" "$photos/dog.jpg" "$out/$name.onnx" --json "$out/$name.jsonl" \
    --score-thr 0.2 --no-save --quiet
  rm "$out/$name.onnx"
  scripts/compare_detections.py "$out/$name.jsonl" "$case/mmyolo_detections.npz" --best 100 --allow 2 --iou 0.97 ||
    status=1
done
exit $status
