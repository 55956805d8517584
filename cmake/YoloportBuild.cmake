# Include before any target is made: ccache where there is one, and installed programs that find the
# libraries installed beside them.
include(GNUInstallDirs)
set(CMAKE_INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")

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

# Installs the ONNX Runtime of build/deps with yoloport; one that the system has stays where it is.
function(yoloport_install_onnxruntime)
  if(OnnxRuntime_LIBRARY)
    get_filename_component(folder "${OnnxRuntime_LIBRARY}" DIRECTORY)
    install(DIRECTORY "${folder}/" DESTINATION ${CMAKE_INSTALL_LIBDIR}
      FILES_MATCHING PATTERN "libonnxruntime*.so*")
    install(FILES "${folder}/../LICENSE" "${folder}/../ThirdPartyNotices.txt"
      DESTINATION ${CMAKE_INSTALL_DOCDIR}/onnxruntime OPTIONAL)
  endif()
endfunction()
