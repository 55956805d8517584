# Checks of the source tree that run with the tests. Include after enable_testing().
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME includes.point_down
  COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/scripts/check_includes.py)
add_test(NAME includes.check_finds_violations
  COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/scripts/check_includes.py --self-test)
add_test(NAME debian.check_tells_failures
  COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/scripts/check_debian_test.py)
add_test(NAME tidy.checks_what_changed
  COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/scripts/tidy_test.py)
add_test(NAME mutations.can_be_planted
  COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/scripts/mutations.py --check)
add_test(NAME build.finds_the_right_libraries
  COMMAND ${PROJECT_SOURCE_DIR}/scripts/find_modules_test.sh)
