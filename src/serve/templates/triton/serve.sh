#!/bin/sh
# Written by yoloport {{version}} package --target triton
# of {{file}}: {{type}} ({{detector}}), backend {{backend}}
#
# Starts Triton on the folder models; TAG is a release of its container, such as 24.08-py3.
set -eu
cd "$(dirname "$0")"
{{#if tensorrt}}
exec docker run --rm --gpus all -p 8000:8000 -p 8001:8001 -p 8002:8002 -v "$PWD/models:/models:ro" \
{{else}}
exec docker run --rm ${GPUS:+--gpus "$GPUS"} -p 8000:8000 -p 8001:8001 -p 8002:8002 -v "$PWD/models:/models:ro" \
{{/if}}
  "nvcr.io/nvidia/tritonserver:${TAG:?give TAG=a release, such as 24.08-py3}" tritonserver --model-repository=/models
