#!/bin/sh
# Compiles the sources that need TensorRT against the headers of one or more of its versions, with the
# project's warnings as errors. No library, GPU or CUDA compiler is needed.
#
#   scripts/check_tensorrt.sh --cuda FOLDER HEADERS...
#
# FOLDER holds cuda_runtime_api.h, each of HEADERS NvInfer.h and NvOnnxParser.h (docs/tensorrt.md says
# where they are to be had). CXX names the compiler.
set -eu
cd "$(dirname "$0")/.."

usage() {
  sed -n '5p' "$0" | sed 's/^# */usage: /' >&2
  exit 2
}
[ $# -ge 3 ] && [ "$1" = --cuda ] || usage
cuda=$2
shift 2
[ -f "$cuda/cuda_runtime_api.h" ] || { echo "$cuda has no cuda_runtime_api.h" >&2; exit 2; }

failed=0
for headers in "$@"; do
  for header in NvInfer.h NvOnnxParser.h; do
    [ -f "$headers/$header" ] || { echo "$headers has no $header" >&2; exit 2; }
  done
  version=$(sed -nE 's/^#define (NV_TENSORRT|TRT)_(MAJOR|MINOR|PATCH)(_ENTERPRISE)? ([0-9]+).*/\4/p' \
    "$headers/NvInferVersion.h" | head -3 | paste -sd.)
  for source in src/runtime/tensorrt*.cc; do
    case $source in *_loader.cc | *_stub.cc) continue ;; esac
    if "${CXX:-c++}" -std=c++20 -fsyntax-only -Wall -Wextra -Wshadow -Wnon-virtual-dtor \
      -Woverloaded-virtual -Werror -Isrc -Iinclude -isystem "$headers" -isystem "$cuda" "$source"; then
      echo "TensorRT $version: $source"
    else
      echo "TensorRT $version: $source FAILED"
      failed=1
    fi
  done
done
exit $failed
