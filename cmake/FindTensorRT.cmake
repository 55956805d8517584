# TensorRT with its ONNX parser and plugins, and CUDA's runtime library, which is all of CUDA that
# yoloport uses. Looks where CMake looks, in TensorRT_ROOT (an unpacked release, or the folder of a
# Python package with the libraries) and in CUDAToolkit_ROOT, both also as environment variables.
# Defines TensorRT::nvinfer, TensorRT::plugin, TensorRT::onnxparser and TensorRT::cudart.
set(_cuda_roots "${CUDAToolkit_ROOT}" "$ENV{CUDAToolkit_ROOT}" /usr/local/cuda)

find_path(TensorRT_INCLUDE_DIR NvInfer.h)
find_path(TensorRT_PARSER_INCLUDE_DIR NvOnnxParser.h HINTS "${TensorRT_INCLUDE_DIR}")
find_path(TensorRT_CUDA_INCLUDE_DIR cuda_runtime_api.h HINTS ${_cuda_roots}
  PATH_SUFFIXES include targets/x86_64-linux/include targets/aarch64-linux/include)
set(_variables TensorRT_INCLUDE_DIR TensorRT_PARSER_INCLUDE_DIR TensorRT_CUDA_INCLUDE_DIR)

# The Python packages have libraries with a version in their names only.
set(_libraries nvinfer nvinfer_plugin nvonnxparser cudart)
foreach(_library ${_libraries})
  set(_names ${_library})
  foreach(_version 13 12 11 10 8 11.0)
    list(APPEND _names lib${_library}.so.${_version})
  endforeach()
  find_library(TensorRT_${_library}_LIBRARY NAMES ${_names} NAMES_PER_DIR HINTS ${_cuda_roots}
    PATH_SUFFIXES lib lib64 targets/x86_64-linux/lib targets/aarch64-linux/lib)
  list(APPEND _variables TensorRT_${_library}_LIBRARY)
endforeach()
mark_as_advanced(${_variables})

# "#define NV_TENSORRT_MAJOR 8", from 10.10 on by way of TRT_MAJOR_ENTERPRISE.
set(_numbers)
if(EXISTS "${TensorRT_INCLUDE_DIR}/NvInferVersion.h")
  file(READ "${TensorRT_INCLUDE_DIR}/NvInferVersion.h" _text)
  foreach(_part MAJOR MINOR PATCH)
    if(_text MATCHES "#define (NV_TENSORRT_${_part}|TRT_${_part}_ENTERPRISE) +([0-9]+)")
      list(APPEND _numbers ${CMAKE_MATCH_2})
    endif()
  endforeach()
endif()
list(JOIN _numbers "." TensorRT_VERSION)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(TensorRT
  REQUIRED_VARS ${_variables} VERSION_VAR TensorRT_VERSION
  REASON_FAILURE_MESSAGE "Set TensorRT_ROOT and CUDAToolkit_ROOT, see docs/tensorrt.md.")

if(TensorRT_FOUND AND NOT TARGET TensorRT::nvinfer)
  foreach(_pair nvinfer:nvinfer plugin:nvinfer_plugin onnxparser:nvonnxparser cudart:cudart)
    string(REPLACE ":" ";" _pair ${_pair})
    list(GET _pair 0 _target)
    list(GET _pair 1 _library)
    add_library(TensorRT::${_target} SHARED IMPORTED)
    set_target_properties(TensorRT::${_target} PROPERTIES
      IMPORTED_LOCATION "${TensorRT_${_library}_LIBRARY}"
      INTERFACE_INCLUDE_DIRECTORIES
        "${TensorRT_INCLUDE_DIR};${TensorRT_PARSER_INCLUDE_DIR};${TensorRT_CUDA_INCLUDE_DIR}")
  endforeach()
endif()
