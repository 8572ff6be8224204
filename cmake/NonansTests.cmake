# nonans_test(NAME SOURCES ... [LIBRARIES ...] [LABELS ...] [TIMEOUT seconds]): a Catch2 program, each TEST_CASE a ctest of its own.
# Debian 12 and Ubuntu 22.04 ship Catch2 2.x, later ones 3.x; tests include "support/catch.hpp" and need not know.
find_package(Catch2 REQUIRED)
include(Catch)

add_library(nonans_catch_main STATIC ${PROJECT_SOURCE_DIR}/tests/support/catch_main.cpp)
target_include_directories(nonans_catch_main PUBLIC ${PROJECT_SOURCE_DIR}/tests)
if(TARGET Catch2::Catch2WithMain)
  target_link_libraries(nonans_catch_main PUBLIC Catch2::Catch2WithMain)
else()
  target_link_libraries(nonans_catch_main PUBLIC Catch2::Catch2)
endif()

function(nonans_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;LIBRARIES;LABELS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE nonans_catch_main nonans_options ${arg_LIBRARIES})
  # The programs that these tests start get libnonans.so preloaded, and with it the runtime of AddressSanitizer out of
  # order. Leaks are looked for in the tests of the parts: a program that is preloaded into brings its own.
  set(environment "")
  if(NONANS_SANITIZE STREQUAL "address" AND arg_LABELS MATCHES "e2e|device")
    set(environment ENVIRONMENT "ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0")
  endif()
  catch_discover_tests(${name} TEST_PREFIX "${name}: "
    PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}" ${environment})
endfunction()
