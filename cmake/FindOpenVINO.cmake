# OpenVINO as CMake finds it, and failing that the one `scripts/setup.sh` brings.
# Defines openvino::runtime.
find_package(OpenVINO CONFIG QUIET COMPONENTS ${OpenVINO_FIND_COMPONENTS}
  HINTS "${PROJECT_SOURCE_DIR}/build/deps/openvino/openvino/cmake")
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OpenVINO
  REQUIRED_VARS OpenVINO_DIR HANDLE_COMPONENTS
  REASON_FAILURE_MESSAGE "Run scripts/setup.sh.")
