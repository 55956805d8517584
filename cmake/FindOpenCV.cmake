# OpenCV as CMake finds it, and failing that the bare module packages of Debian: those lack OpenCV's
# CMake files, which come only with libopencv-dev, whose other modules (VTK ...) take 350 MB more.
# Defines opencv_MODULE for the COMPONENTS asked for, and OpenCV_LIBS.
find_package(OpenCV CONFIG QUIET COMPONENTS ${OpenCV_FIND_COMPONENTS})
if(OpenCV_FOUND)
  return()
endif()

find_path(OpenCV_INCLUDE_DIR opencv2/core.hpp PATH_SUFFIXES opencv4)
mark_as_advanced(OpenCV_INCLUDE_DIR)
set(OpenCV_LIBS)
foreach(_module ${OpenCV_FIND_COMPONENTS})
  find_library(OpenCV_${_module}_LIBRARY opencv_${_module})
  mark_as_advanced(OpenCV_${_module}_LIBRARY)
  if(OpenCV_INCLUDE_DIR AND OpenCV_${_module}_LIBRARY)
    set(OpenCV_${_module}_FOUND TRUE)
    list(APPEND OpenCV_LIBS opencv_${_module})
    if(NOT TARGET opencv_${_module})
      add_library(opencv_${_module} SHARED IMPORTED)
      set_target_properties(opencv_${_module} PROPERTIES
        IMPORTED_LOCATION "${OpenCV_${_module}_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${OpenCV_INCLUDE_DIR}")
    endif()
  endif()
endforeach()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OpenCV
  REQUIRED_VARS OpenCV_INCLUDE_DIR HANDLE_COMPONENTS
  REASON_FAILURE_MESSAGE "Run scripts/setup.sh.")
