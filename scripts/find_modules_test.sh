#!/usr/bin/env bash
# cmake/FindONNX.cmake and FindOnnxRuntime.cmake with stand-ins for what a machine has installed.
set -euo pipefail
modules=$(cd "$(dirname "$0")/../cmake" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# installed NAME FILE TARGET LOCATION: a package that CMake finds, with one target.
installed() {
  mkdir -p "installed/lib/cmake/$1"
  echo "if(NOT TARGET $3)
  add_library($3 SHARED IMPORTED)
  set_target_properties($3 PROPERTIES IMPORTED_LOCATION $4)
endif()" >"installed/lib/cmake/$1/$2"
}
# location_of MODULE TARGET: what the find module makes of it.
location_of() {
  echo "cmake_minimum_required(VERSION 3.20)
project(find LANGUAGES CXX)
list(APPEND CMAKE_MODULE_PATH $modules)
find_package($1 REQUIRED)
find_package($1 REQUIRED) # once more, as projects do
get_target_property(location $2 LOCATION)
message(STATUS \"location: \${location}\")" >CMakeLists.txt
  rm -rf configured
  cmake -DCMAKE_PREFIX_PATH="$work/installed" -S . -B configured | sed -n 's/^-- location: //p'
}
expect() {
  [[ $1 == "$2" ]] || { echo "found '$1' instead of '$2'" >&2; exit 1; }
}

installed onnx ONNXConfig.cmake onnx /debian12/libonnx.so
expect "$(location_of ONNX ONNX::onnx)" /debian12/libonnx.so
installed onnx ONNXConfig.cmake ONNX::onnx /debian13/libonnx.so
expect "$(location_of ONNX ONNX::onnx)" /debian13/libonnx.so

installed onnxruntime onnxruntimeConfig.cmake onnxruntime::onnxruntime /debian13/libonnxruntime.so
mkdir -p pinned/{lib,include}
export YOLOPORT_ONNXRUNTIME_ROOT=$work/pinned
expect "$(location_of OnnxRuntime onnxruntime::onnxruntime)" /debian13/libonnxruntime.so
touch pinned/lib/libonnxruntime.so pinned/include/onnxruntime_cxx_api.h
expect "$(location_of OnnxRuntime onnxruntime::onnxruntime)" "$work/pinned/lib/libonnxruntime.so"
