# nonans_options: what every target of ours is compiled with. Link it PRIVATE.
add_library(nonans_options INTERFACE)
target_compile_options(nonans_options INTERFACE
  $<$<COMPILE_LANGUAGE:C,CXX>:-Wall -Wextra -Wpedantic>
  $<$<COMPILE_LANGUAGE:CXX>:-Wconversion>
  $<$<AND:$<BOOL:${NONANS_WERROR}>,$<COMPILE_LANGUAGE:C,CXX>>:-Werror>)
target_include_directories(nonans_options INTERFACE
  ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)

if(NONANS_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(NONANS_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
elseif(NONANS_SANITIZE)
  message(FATAL_ERROR "NONANS_SANITIZE must be empty, 'address' or 'thread', not '${NONANS_SANITIZE}'")
endif()

# Coverage of the libraries is what guides libFuzzer; its main() comes with the fuzz targets alone.
if(NONANS_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

find_package(Threads REQUIRED)

# Header-only builds of the two: the shared object must not need libfmt or libspdlog at run time.
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
