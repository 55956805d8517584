#!/usr/bin/env bash
# What exports links neither OpenCV nor a runtime, and what detects does not link libonnx (docs/architecture.md).
#
#   scripts/check_links.sh exports|detects FILE...
set -euo pipefail

half=$1
shift
case $half in
  exports) forbidden='opencv|onnxruntime|openvino|nvinfer|libjpeg' ;;
  detects) forbidden='libonnx\.|libonnx_proto|protobuf' ;;
  *) echo "check_links: '$half' is neither exports nor detects" >&2; exit 2 ;;
esac
status=0
for file in "$@"; do
  needed=$(readelf -d "$file" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
  [[ $needed == *libc.so* ]] || { echo "$file: names no libraries at all"; status=1; }
  if wrong=$(grep -E "$forbidden" <<<"$needed"); then
    echo "$file links" $wrong
    status=1
  fi
done
exit $status
