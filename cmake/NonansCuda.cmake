# Where the CUDA compilers are. scripts/setup.sh puts what is missing into build/toolchain.
#
#   NONANS_NVCC        nvcc 13.x          NONANS_CUDA_INCLUDE   folder of its cuda.h
#   NONANS_PTXAS12     ptxas 12.4         NONANS_NVRTC12        libnvrtc.so.12 (12.4)
#   NONANS_NVML_INCLUDE   folder of the nvml.h of CUDA 13.0
#   NONANS_CUDA12_INCLUDE   folders of the headers of CUDA 12.9's runtime
#   nonans_cuda_headers: link it to see <cuda.h>, <cudaTypedefs.h>. We never link libcuda.
set(NONANS_TOOLCHAIN ${PROJECT_SOURCE_DIR}/build/toolchain)

# setup.sh fetches an nvcc only where it finds none that will do, so a fetched one is the one to use.
file(GLOB fetched_nvcc ${NONANS_TOOLCHAIN}/lib/python*/site-packages/nvidia/cu13/bin/nvcc)
if(fetched_nvcc)
  list(GET fetched_nvcc 0 fetched_nvcc)
  set(NONANS_NVCC ${fetched_nvcc} CACHE FILEPATH "nvcc 13.x" FORCE)
endif()
find_program(NONANS_NVCC nvcc
  HINTS ENV CUDA_HOME ENV CUDA_PATH /usr/local/cuda/bin PATH_SUFFIXES bin)
if(NOT NONANS_NVCC)
  message(FATAL_ERROR "no nvcc: run ./scripts/setup.sh, which fetches the CUDA 13.0 compiler from PyPI")
endif()
get_filename_component(nvcc_real ${NONANS_NVCC} REALPATH)
get_filename_component(nvcc_bin ${nvcc_real} DIRECTORY)
get_filename_component(NONANS_CUDA_ROOT ${nvcc_bin} DIRECTORY)
find_path(NONANS_CUDA_INCLUDE cuda.h HINTS ${NONANS_CUDA_ROOT}/include
  ${NONANS_CUDA_ROOT}/targets/x86_64-linux/include NO_DEFAULT_PATH REQUIRED)

file(GLOB ptxas12 ${NONANS_TOOLCHAIN}/lib/python*/site-packages/nvidia/cuda_nvcc/bin/ptxas)
file(GLOB nvrtc12 ${NONANS_TOOLCHAIN}/lib/python*/site-packages/nvidia/cuda_nvrtc/lib/libnvrtc.so.12)
file(GLOB runtime12 ${NONANS_TOOLCHAIN}/lib/python*/site-packages/nvidia/cuda_runtime/include)
file(GLOB crt12 ${NONANS_TOOLCHAIN}/lib/python*/site-packages/nvidia/cuda_nvcc/include)
file(GLOB profiler12 ${NONANS_TOOLCHAIN}/lib/python*/site-packages/nvidia/cuda_profiler_api/include)
if(NOT ptxas12 OR NOT nvrtc12 OR NOT runtime12 OR NOT profiler12)
  message(FATAL_ERROR
    "no CUDA 12 NVRTC, ptxas and runtime headers in build/toolchain: run ./scripts/setup.sh")
endif()
set(NONANS_PTXAS12 ${ptxas12})
set(NONANS_NVRTC12 ${nvrtc12})
set(NONANS_CUDA12_INCLUDE ${runtime12} ${crt12} ${profiler12})

# The toolkit of a distribution may have an nvml.h of another version, so it is always the fetched one.
file(GLOB nvml_header ${NONANS_TOOLCHAIN}/lib/python*/site-packages/nvidia/cu13/include/nvml.h)
if(NOT nvml_header)
  message(FATAL_ERROR "no nvml.h in build/toolchain: run ./scripts/setup.sh")
endif()
get_filename_component(NONANS_NVML_INCLUDE ${nvml_header} DIRECTORY)

add_library(nonans_cuda_headers INTERFACE)
target_include_directories(nonans_cuda_headers SYSTEM INTERFACE ${NONANS_CUDA_INCLUDE})

# nonans_cuda_object(OUT source tag [nvcc options]): source.cu compiled for host and device. OUT is set to the object
# file, to be listed among a target's sources; the tag keeps apart several compilations of one file.
function(nonans_cuda_object out source tag)
  get_filename_component(name ${source} NAME_WE)
  set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.${tag}.o)
  add_custom_command(OUTPUT ${object}
    COMMAND ${NONANS_NVCC} -c -std=c++17 -MD -MF ${object}.d ${ARGN} -o ${object} ${source}
    DEPENDS ${source} DEPFILE ${object}.d VERBATIM)
  set_source_files_properties(${object} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
  set(${out} ${object} PARENT_SCOPE)
endfunction()

# nonans_cuda_program(NAME SOURCES a.cu b.cpp ... [OPTIONS nvcc options]): a program of the runtime API, as
# `nvcc -cudart shared` builds it, linked with the software device's libcudart.so.13. To run it, set
# LD_LIBRARY_PATH to the folder of softgpu_cuda.
function(nonans_cuda_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;OPTIONS" ${ARGN})
  set(objects)
  foreach(source ${arg_SOURCES})
    if(source MATCHES "\\.cu$")
      get_filename_component(source ${source} ABSOLUTE)
      nonans_cuda_object(object ${source} ${name} ${arg_OPTIONS})
      list(APPEND objects ${object})
    else()
      list(APPEND objects ${source})
    endif()
  endforeach()
  add_executable(${name} ${objects})
  set_target_properties(${name} PROPERTIES LINKER_LANGUAGE CXX)
  target_link_libraries(${name} PRIVATE nonans_options nonans_cuda_headers softgpu_cudart13 Threads::Threads)
  add_dependencies(${name} softgpu_cuda)
endfunction()
