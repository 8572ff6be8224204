# What `cmake --install` puts where. The build tree is laid out alike, and every part is found relative to the running
# command or by the library path, so an installation may be moved:
#
#   bin/nonans   bin/softgpu   lib/libnonans.so   lib/nonans/softgpu/libcuda.so.1 …   share/doc/nonans
#
# The software device must never be found by accident, so it gets a folder of its own below the library folder;
# `softgpu run` and `nonans run --device soft` name it.
set(device_folder nonans/softgpu)
foreach(library softgpu_cuda softgpu_nvml)
  if(TARGET ${library})
    set_target_properties(${library} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib/${device_folder})
    install(TARGETS ${library} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/${device_folder} NAMELINK_SKIP)
  endif()
endforeach()
# The runtime, CUPTI and nvJitLink, which exist for two versions of CUDA and put themselves into that folder.
foreach(library softgpu_cudart12 softgpu_cudart13 softgpu_cupti12 softgpu_cupti13
    softgpu_nvjitlink12 softgpu_nvjitlink13)
  if(TARGET ${library})
    install(TARGETS ${library} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/${device_folder})
  endif()
endforeach()
if(TARGET softgpu_command)
  install(TARGETS softgpu_command RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

file(GLOB pages ${PROJECT_SOURCE_DIR}/docs/*.md)
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs)
