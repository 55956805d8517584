# What `cmake --install` puts where for those who write programs with yoloport: the two libraries (component
# `library`), their headers and the files for find_package(yoloport) (component `development`). Include after all
# targets are made. What the programs are made of is in YoloportPrograms.cmake.
#
# The libraries are shared ones. Whoever links them needs neither the headers nor the CMake files of what they are
# made with (OpenCV, ONNX, ONNX Runtime ...), as static ones would ask for.
include(CMakePackageConfigHelpers)

# The modules (static libraries of src/) that `target` is made of, itself included.
function(yoloport_collect_modules target list)
  set(modules ${${list}})
  list(APPEND modules ${target})
  get_target_property(links ${target} LINK_LIBRARIES)
  foreach(link ${links})
    if(TARGET ${link} AND link MATCHES "^yoloport_" AND NOT link IN_LIST modules)
      get_target_property(type ${link} TYPE)
      if(type STREQUAL "STATIC_LIBRARY")
        yoloport_collect_modules(${link} modules)
      endif()
    endif()
  endforeach()
  set(${list} ${modules} PARENT_SCOPE)
endfunction()

# Installs yoloport-NAME.pc, for those who do not build with CMake. It finds the folders from where it lies itself: what
# was installed may be moved.
function(yoloport_pkg_config name)
  file(RELATIVE_PATH up /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
  string(REGEX REPLACE "/$" "" up ${up})
  set(file ${PROJECT_BINARY_DIR}/pkgconfig/yoloport-${name}.pc)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/yoloport.pc.in ${file} @ONLY)
  install(FILES ${file} DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
endfunction()

# yoloport_shared_library(NAME MODULE ...): the modules and all that they are made of as libyoloport-NAME.so and, for
# others, the target yoloport::NAME.
function(yoloport_shared_library name)
  set(target yoloport_${name}_library)
  set(modules)
  foreach(module ${ARGN})
    if(NOT module IN_LIST modules)
      yoloport_collect_modules(${module} modules)
    endif()
  endforeach()
  add_library(${target} SHARED)
  foreach(each ${modules})
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:${each}>)
  endforeach()
  target_link_libraries(${target} PRIVATE ${modules})
  target_compile_features(${target} INTERFACE cxx_std_20)
  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME yoloport-${name}
    EXPORT_NAME ${name}
    LINKER_LANGUAGE CXX
    VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
    INSTALL_RPATH "$ORIGIN/yoloport;${YOLOPORT_DEPS_RPATH}")
  install(TARGETS ${target} EXPORT yoloportTargets
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library NAMELINK_COMPONENT development
    INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  yoloport_pkg_config(${name})
endfunction()

yoloport_shared_library(export ${YOLOPORT_EXPORT_MODULES})
yoloport_shared_library(detect ${YOLOPORT_DETECT_MODULES})
# Both in one, for C and other languages.
yoloport_shared_library(c yoloport_c_api)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/yoloport DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  COMPONENT development FILES_MATCHING PATTERN "*.h")

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/yoloport)
install(EXPORT yoloportTargets NAMESPACE yoloport:: DESTINATION ${package_folder} COMPONENT development)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/yoloportConfig.cmake.in
  ${PROJECT_BINARY_DIR}/yoloportConfig.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/yoloportConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/yoloportConfig.cmake ${PROJECT_BINARY_DIR}/yoloportConfigVersion.cmake
  DESTINATION ${package_folder} COMPONENT development)

if(YOLOPORT_BUILD_TESTS)
  add_test(NAME links.exports_without_opencv_and_runtimes
    COMMAND ${PROJECT_SOURCE_DIR}/scripts/check_links.sh exports $<TARGET_FILE:yoloport_export_library> $<TARGET_FILE:yoloport>)
  add_test(NAME links.detects_without_libonnx
    COMMAND ${PROJECT_SOURCE_DIR}/scripts/check_links.sh detects
      $<TARGET_FILE:yoloport_detect_library> $<TARGET_FILE:yoloport-detect>)
endif()
# A sanitized library would ask for a sanitized example.
if(YOLOPORT_BUILD_TESTS AND NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize")
  add_test(NAME install.example_builds_and_detects
    COMMAND ${PROJECT_SOURCE_DIR}/scripts/install_test.sh ${PROJECT_BINARY_DIR} ${CMAKE_COMMAND})
  set_tests_properties(install.example_builds_and_detects PROPERTIES TIMEOUT 300)
endif()
