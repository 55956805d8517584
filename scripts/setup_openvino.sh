#!/usr/bin/env bash
# Puts OpenVINO into build/deps/openvino, where cmake/FindOpenVINO.cmake looks: its Python wheel
# carries libraries, headers and CMake files.
set -euo pipefail
cd "$(dirname "$0")/.."

root=build/deps/openvino
stamp=$(cat scripts/setup_openvino.sh scripts/wheels/openvino.txt | sha256sum)
[[ $(cat $root/stamp 2>/dev/null) != "$stamp" ]] || exit 0

echo "setup: OpenVINO, from its Python wheel"
scripts/unpack_wheel.sh scripts/wheels/openvino.txt $root
echo "$stamp" >$root/stamp
