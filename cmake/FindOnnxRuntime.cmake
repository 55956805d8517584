# Defines onnxruntime::onnxruntime. Include as <onnxruntime_cxx_api.h>. It is the one in YOLOPORT_ONNXRUNTIME_ROOT, which
# scripts/setup.sh fills with the version that the tests are written for; only where there is none, one that CMake finds
# installed, such as Debian 13's, which is older.
if(DEFINED ENV{YOLOPORT_ONNXRUNTIME_ROOT})
  set(_root "$ENV{YOLOPORT_ONNXRUNTIME_ROOT}")
else()
  set(_root "${PROJECT_SOURCE_DIR}/build/deps/onnxruntime")
endif()
set(YOLOPORT_ONNXRUNTIME_ROOT "${_root}" CACHE PATH "ONNX Runtime: a folder with include/ and lib/")

find_path(OnnxRuntime_INCLUDE_DIR onnxruntime_cxx_api.h
  PATHS "${YOLOPORT_ONNXRUNTIME_ROOT}/include" NO_DEFAULT_PATH)
find_library(OnnxRuntime_LIBRARY onnxruntime
  PATHS "${YOLOPORT_ONNXRUNTIME_ROOT}/lib" NO_DEFAULT_PATH)
mark_as_advanced(OnnxRuntime_INCLUDE_DIR OnnxRuntime_LIBRARY)

if(NOT OnnxRuntime_LIBRARY OR NOT OnnxRuntime_INCLUDE_DIR)
  find_package(onnxruntime CONFIG QUIET)
  if(TARGET onnxruntime::onnxruntime)
    message(STATUS "Found OnnxRuntime: installed, version ${onnxruntime_VERSION}")
    set(OnnxRuntime_FOUND TRUE)
    return()
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OnnxRuntime
  REQUIRED_VARS OnnxRuntime_LIBRARY OnnxRuntime_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "Run scripts/setup.sh, or set YOLOPORT_ONNXRUNTIME_ROOT to an unpacked release.")

if(OnnxRuntime_FOUND AND NOT TARGET onnxruntime::onnxruntime)
  add_library(onnxruntime::onnxruntime SHARED IMPORTED)
  set_target_properties(onnxruntime::onnxruntime PROPERTIES
    IMPORTED_LOCATION "${OnnxRuntime_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${OnnxRuntime_INCLUDE_DIR}")
endif()
