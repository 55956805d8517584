# Include before any target is made: ccache where there is one, and installed programs that find the
# libraries installed beside them.
include(GNUInstallDirs)
set(YOLOPORT_INSTALL_PRIVATE_LIBDIR ${CMAKE_INSTALL_LIBDIR}/yoloport)  # of libraries that are nobody else's
# Where programs look for libraries: in lib/yoloport, and in the build tree in build/deps. The same before and after the
# installation, for CMake fills a path that is to be replaced up with colons, at each of which the loader looks into the
# current folder. Libraries from elsewhere are added by where they lie.
set(YOLOPORT_DEPS_RPATH)
foreach(folder onnxruntime/lib openvino/openvino/libs)
  file(RELATIVE_PATH folder ${PROJECT_BINARY_DIR} ${PROJECT_SOURCE_DIR}/build/deps/${folder})
  list(APPEND YOLOPORT_DEPS_RPATH "$ORIGIN/${folder}")
endforeach()
set(CMAKE_INSTALL_RPATH "$ORIGIN/../${YOLOPORT_INSTALL_PRIVATE_LIBDIR}" ${YOLOPORT_DEPS_RPATH})
set(CMAKE_BUILD_WITH_INSTALL_RPATH ON)
set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON)

# The modules go into shared libraries, too. Nobody replaces their functions from outside, so calls may be inlined.
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
add_compile_options(-fno-semantic-interposition)

if(NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(YOLOPORT_CCACHE ccache)
  mark_as_advanced(YOLOPORT_CCACHE)
  if(YOLOPORT_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${YOLOPORT_CCACHE}")
  endif()
endif()
