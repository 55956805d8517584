# Include before any target is made: ccache where there is one, and installed programs that find the
# libraries installed beside them.
include(GNUInstallDirs)
set(YOLOPORT_INSTALL_PRIVATE_LIBDIR ${CMAKE_INSTALL_LIBDIR}/yoloport)  # of libraries that are nobody else's
set(CMAKE_INSTALL_RPATH "$ORIGIN/../${YOLOPORT_INSTALL_PRIVATE_LIBDIR}")

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
