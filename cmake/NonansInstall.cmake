# Where the software device lands. It must never be found by accident, so it gets a folder of its own below the library
# folder; `nonans run --device soft` names it. The build tree is laid out alike:
#
#   bin/nonans   lib/libnonans.so   lib/nonans/softgpu/libcuda.so.1
if(TARGET softgpu_cuda)
  set_target_properties(softgpu_cuda PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib/nonans/softgpu)
  install(TARGETS softgpu_cuda LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/nonans/softgpu NAMELINK_SKIP)
endif()
