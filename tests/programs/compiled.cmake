# Programs of realistic size, as their users would write them: the CUDA runtime API, tensor cores, CUB, graphs. Each
# checks its own results.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(device_folder "LD_LIBRARY_PATH=$<TARGET_FILE_DIR:softgpu_cuda>")

# programs_test(NAME suffix [ARGS ...] [ENVIRONMENT ...]): one run of a program.
function(programs_test name suffix)
  cmake_parse_arguments(arg "" "" "ARGS;ENVIRONMENT" ${ARGN})
  set(test "programs: ${name}${suffix}")
  add_test(NAME "${test}" COMMAND program_${name} ${arg_ARGS})
  set_tests_properties("${test}" PROPERTIES TIMEOUT 300 LABELS programs
    FAIL_REGULAR_EXPRESSION "softgpu: |WRONG"
    ENVIRONMENT "${device_folder};${arg_ENVIRONMENT}")
endfunction()

# programs_checked(NAME [ARGS ...]): a run that the checkers must find clean.
function(programs_checked name)
  programs_test(${name} ", checkers" ${ARGN} ENVIRONMENT "SOFTGPU_CHECK=race,init")
endfunction()

# programs_matrix(NAME [ARGS ...]): the runs that a correct program must not notice: weak memory, unlucky orders, and
# with libnonans.so preloaded, which must find nothing in it and change nothing.
function(programs_matrix name)
  cmake_parse_arguments(arg "" "" "ARGS" ${ARGN})
  programs_test(${name} "" ARGS ${arg_ARGS})
  programs_test(${name} ", weak memory" ARGS ${arg_ARGS} ENVIRONMENT "SOFTGPU_WEAK=1")
  foreach(seed 1 7)
    programs_test(${name} ", schedule ${seed}" ARGS ${arg_ARGS} ENVIRONMENT "SOFTGPU_SCHED=${seed}")
  endforeach()
  programs_test(${name} ", weak memory in schedule 3" ARGS ${arg_ARGS}
    ENVIRONMENT "SOFTGPU_WEAK=1;SOFTGPU_SCHED=3;SOFTGPU_THREADS=1")
  if(TARGET nonans AND NOT NONANS_SANITIZE)
    set(test "programs: ${name}, under libnonans")
    add_test(NAME "${test}" COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/programs/under_nonans.py
      $<TARGET_FILE:nonans> $<TARGET_FILE:program_${name}> ${arg_ARGS})
    set_tests_properties("${test}" PROPERTIES TIMEOUT 300 LABELS programs ENVIRONMENT "${device_folder}")
  endif()
endfunction()

# Only PTX: machine code for one GPU would not be executed, and takes ptxas as long as all the rest.
set(program_options -O3 -gencode arch=compute_90,code=compute_90 -I${CMAKE_CURRENT_SOURCE_DIR})
foreach(program gemm attention cub graphs)
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${program}/CMakeLists.txt)
    add_subdirectory(${program})
  endif()
endforeach()
