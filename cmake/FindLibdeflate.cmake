# libdeflate as CMake finds it (its own files, from 1.16 on), else by header and library.
# Defines libdeflate::libdeflate.
find_package(libdeflate CONFIG QUIET)
foreach(_kind shared static)
  if(TARGET libdeflate::libdeflate_${_kind} AND NOT TARGET libdeflate::libdeflate)
    add_library(libdeflate::libdeflate ALIAS libdeflate::libdeflate_${_kind})
  endif()
endforeach()
if(TARGET libdeflate::libdeflate)
  set(Libdeflate_FOUND TRUE)
  return()
endif()

find_path(Libdeflate_INCLUDE_DIR libdeflate.h)
find_library(Libdeflate_LIBRARY deflate)
mark_as_advanced(Libdeflate_INCLUDE_DIR Libdeflate_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Libdeflate
  REQUIRED_VARS Libdeflate_LIBRARY Libdeflate_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "Run scripts/setup.sh.")

if(Libdeflate_FOUND)
  add_library(libdeflate::libdeflate UNKNOWN IMPORTED)
  set_target_properties(libdeflate::libdeflate PROPERTIES
    IMPORTED_LOCATION "${Libdeflate_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${Libdeflate_INCLUDE_DIR}")
endif()
