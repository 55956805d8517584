# yoloport_module(NAME SOURCES a.cc ... [DEPENDS base ...] [LINK pkg::target ...] [TESTS a_test.cc ...])
#
# Builds src/NAME as the static library yoloport_NAME. DEPENDS names other modules, LINK libraries from
# outside that the module's own sources need. TESTS become one executable, yoloport_NAME_test.
#
# yoloport_add_test(NAME SOURCES a_test.cc ... [LINK target ...])
#
# Builds the tests of an executable yoloport_NAME_test and registers each with ctest. Their working directory is
# the source tree, so that they find testdata/. Does nothing where tests are not asked for.
#
# yoloport_loaded_library(NAME LOADED_BY runtime SOURCES a.cc ... [DEPENDS base ...] [LINK pkg::target ...])
#
# Builds libyoloport_NAME.so beside the programs, and installs it into lib/yoloport: what base/shared_library.h loads
# when somebody asks for it. LOADED_BY names the module that does; DEPENDS modules that go into it once more.
#
# yoloport_embedded_files(VARIABLE FOLDER name ...)
#
# Sets VARIABLE to the contents of an array in C++ with an entry {"name", "text"} for each file of FOLDER: files that
# the library carries in itself stay files of their own, so that people and tools can read them as what they are.
include(GoogleTest)

option(YOLOPORT_BUILD_TESTS "Build the tests" ON)
option(YOLOPORT_TEST_PROGRAMS "Give ctest a test program as one test: quicker where starting one takes long" OFF)
option(YOLOPORT_WERROR "Treat warnings as errors" OFF)

if(YOLOPORT_BUILD_TESTS)
  find_package(GTest REQUIRED)
endif()

add_library(yoloport_warnings INTERFACE)
target_compile_options(yoloport_warnings INTERFACE
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  # GCC 12 sees overlaps in assignments to std::string that are none (GCC bug 105651).
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>
  $<$<BOOL:${YOLOPORT_WERROR}>:-Werror>)

function(yoloport_add_test name)
  if(NOT YOLOPORT_BUILD_TESTS)
    return()
  endif()
  cmake_parse_arguments(arg "" "" "SOURCES;LINK" ${ARGN})
  set(test yoloport_${name}_test)
  add_executable(${test} ${arg_SOURCES})
  # What a test itself does takes no time, compiling it does: half of it without optimisation.
  target_compile_options(${test} PRIVATE -O0)
  target_link_libraries(${test} PRIVATE
    ${arg_LINK} yoloport_warnings GTest::gmock GTest::gtest_main)
  if(YOLOPORT_TEST_PROGRAMS)
    add_test(NAME ${test} COMMAND ${test} --gtest_brief=1 WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${test} PROPERTIES TIMEOUT 600)
    return()
  endif()
  gtest_discover_tests(${test}
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 120 PROPERTIES TIMEOUT 300)
endfunction()

function(yoloport_module name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;LINK;TESTS" ${ARGN})
  list(TRANSFORM arg_DEPENDS PREPEND yoloport_)
  add_library(yoloport_${name} STATIC ${arg_SOURCES})
  target_include_directories(yoloport_${name} PUBLIC
    ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
  target_link_libraries(yoloport_${name} PUBLIC ${arg_DEPENDS} PRIVATE yoloport_warnings ${arg_LINK})
  if(arg_TESTS)
    yoloport_add_test(${name} SOURCES ${arg_TESTS} LINK yoloport_${name} ${arg_LINK})
  endif()
endfunction()

function(yoloport_loaded_library name)
  cmake_parse_arguments(arg "" "LOADED_BY" "SOURCES;DEPENDS;LINK" ${ARGN})
  list(TRANSFORM arg_DEPENDS PREPEND yoloport_)
  set(target yoloport_${name})
  add_library(${target} MODULE ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE
    ${arg_DEPENDS} yoloport_warnings ${arg_LINK} -Wl,--exclude-libs,ALL)
  set_target_properties(${target} PROPERTIES
    LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR} INSTALL_RPATH "$ORIGIN;${YOLOPORT_DEPS_RPATH}")
  add_dependencies(yoloport_${arg_LOADED_BY} ${target})
  install(TARGETS ${target}
    LIBRARY DESTINATION ${YOLOPORT_INSTALL_PRIVATE_LIBDIR} COMPONENT runtime)
endfunction()

function(yoloport_embedded_files variable folder)
  set(entries "")
  foreach(name IN LISTS ARGN)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${folder}/${name})
    file(READ ${folder}/${name} text)
    string(APPEND entries "    {\"${name}\", R\"embedded(${text})embedded\"},\n")
  endforeach()
  set(${variable} "${entries}" PARENT_SCOPE)
endfunction()
