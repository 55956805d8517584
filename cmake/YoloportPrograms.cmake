# What `cmake --install` puts where for those who run yoloport, the component `runtime`: the programs, the libraries
# that they load, manual pages, completions, the demo and the documentation. Include after all targets are made.
#
# Libraries that are nobody else's are in lib/yoloport: modules of yoloport's own (yoloport_loaded_library installs
# them), ONNX Runtime and OpenVINO, as far as these are the ones of build/deps. Those that the system has stay where
# they are.
install(TARGETS yoloport yoloport-detect RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT runtime)

function(yoloport_install_private)
  install(FILES ${ARGN} DESTINATION ${YOLOPORT_INSTALL_PRIVATE_LIBDIR} COMPONENT runtime)
endfunction()

# Where the libraries of build/deps are that are installed with yoloport.
set(YOLOPORT_PRIVATE_FOLDERS)
if(OnnxRuntime_LIBRARY)
  get_filename_component(folder "${OnnxRuntime_LIBRARY}" DIRECTORY)
  file(GLOB libraries "${folder}/libonnxruntime.so.?*" "${folder}/libonnxruntime_providers_*.so")
  yoloport_install_private(${libraries})
  install(FILES "${folder}/../LICENSE" "${folder}/../ThirdPartyNotices.txt"
    DESTINATION ${CMAKE_INSTALL_DOCDIR}/onnxruntime COMPONENT runtime OPTIONAL)
  list(APPEND YOLOPORT_PRIVATE_FOLDERS "${folder}")
endif()

# Of OpenVINO: reading ONNX files and running them on CPUs. The other devices and formats take 75 MB more.
set(openvino "${PROJECT_SOURCE_DIR}/build/deps/openvino")
if(TARGET yoloport_openvino AND "${OpenVINO_DIR}" STREQUAL "${openvino}/openvino/cmake")
  set(folder "${openvino}/openvino/libs")
  file(GLOB libraries "${folder}/libopenvino.so.*" "${folder}/libopenvino_onnx_frontend.so.*"
    "${folder}/libopenvino_intel_cpu_plugin.so" "${folder}/libopenvino_arm_cpu_plugin.so"
    "${folder}/libtbb.so.*" "${folder}/libtbbbind_*.so.*" "${folder}/libhwloc.so.*")
  yoloport_install_private(${libraries})
  file(GLOB licenses "${openvino}/openvino-*.dist-info/licenses")
  install(DIRECTORY ${licenses}/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/openvino COMPONENT runtime)
  list(APPEND YOLOPORT_PRIVATE_FOLDERS "${folder}")
endif()

# Manual pages and completions are what the programs themselves say.
set(pages "${PROJECT_BINARY_DIR}/man")
set(completions "${PROJECT_BINARY_DIR}/completions")
add_custom_command(OUTPUT ${pages}/yoloport.1.gz ${completions}/yoloport.fish
  COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/scripts/man_pages.py $<TARGET_FILE:yoloport> ${pages}
  COMMAND ${CMAKE_COMMAND} -E make_directory ${completions}
  COMMAND $<TARGET_FILE:yoloport> completion bash > ${completions}/yoloport
  COMMAND $<TARGET_FILE:yoloport> completion zsh > ${completions}/_yoloport
  COMMAND $<TARGET_FILE:yoloport> completion fish > ${completions}/yoloport.fish
  DEPENDS yoloport yoloport-detect ${PROJECT_SOURCE_DIR}/scripts/man_pages.py
  VERBATIM)
add_custom_target(yoloport_manual ALL DEPENDS ${pages}/yoloport.1.gz)
install(DIRECTORY ${pages}/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT runtime)
set(shell_files
  yoloport:bash-completion/completions
  _yoloport:zsh/vendor-completions
  yoloport.fish:fish/vendor_completions.d)
foreach(entry ${shell_files})
  string(REPLACE ":" ";" entry ${entry})
  list(GET entry 0 file)
  list(GET entry 1 folder)
  install(FILES ${completions}/${file} DESTINATION ${CMAKE_INSTALL_DATADIR}/${folder} COMPONENT runtime)
endforeach()

set(demo ${PROJECT_SOURCE_DIR}/demo)
install(FILES ${demo}/README.md ${demo}/config.py ${demo}/digits.pth ${demo}/expected.json ${demo}/page1.png
  ${demo}/page2.png DESTINATION ${CMAKE_INSTALL_DATADIR}/yoloport/demo COMPONENT runtime)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/CHANGELOG.md
  DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT runtime)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT runtime)

if(YOLOPORT_BUILD_TESTS)
  foreach(shell bash fish zsh)
    add_test(NAME completion.${shell}
      COMMAND ${PROJECT_SOURCE_DIR}/scripts/completion_test.sh $<TARGET_FILE:yoloport> ${shell})
    set_tests_properties(completion.${shell} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 120)
  endforeach()
  add_test(NAME manual.pages_are_in_order
    COMMAND ${PROJECT_SOURCE_DIR}/scripts/man_pages_test.sh $<TARGET_FILE:yoloport>)
  set_tests_properties(manual.pages_are_in_order PROPERTIES SKIP_RETURN_CODE 77)
endif()
