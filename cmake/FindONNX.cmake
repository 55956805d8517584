# ONNX as CMake finds it, by one name: Debian 12's files call the target `onnx`, Debian 13's `ONNX::onnx`. Either brings
# onnx_proto, ONNX_ML and ONNX_NAMESPACE with it; linked as plain -lonnx, its headers would not compile.
# Defines ONNX::onnx.
find_package(ONNX CONFIG QUIET)
if(TARGET onnx AND NOT TARGET ONNX::onnx)
  add_library(ONNX::onnx ALIAS onnx)
endif()

include(FindPackageHandleStandardArgs)
if(TARGET ONNX::onnx)
  set(ONNX_TARGET ONNX::onnx)
endif()
find_package_handle_standard_args(ONNX
  REQUIRED_VARS ONNX_DIR ONNX_TARGET
  REASON_FAILURE_MESSAGE "Run scripts/setup.sh.")
