#!/bin/sh
# Written by yoloport {{version}} package --target ovms
# of {{file}}: {{type}} ({{detector}}), backend {{backend}}
#
# Starts OpenVINO Model Server on this folder: REST on port 8000, gRPC on 9000.
set -eu
cd "$(dirname "$0")"
exec docker run --rm -p 8000:8000 -p 9000:9000 -v "$PWD:/models:ro" \
  "openvino/model_server:${TAG:-latest}" --config_path /models/config.json --rest_port 8000 --port 9000
