# What the Python package needs before src/ is configured. pyproject.toml sets the option; python/ does the rest.
option(YOLOPORT_BUILD_PYTHON "Build the Python package" OFF)

# `pip install .` in a fresh clone: nobody has run scripts/setup.sh for ONNX Runtime's headers.
if(YOLOPORT_BUILD_PYTHON)
  find_package(OnnxRuntime QUIET)
  if(NOT OnnxRuntime_FOUND)
    execute_process(COMMAND ${PROJECT_SOURCE_DIR}/scripts/setup_onnxruntime.sh COMMAND_ERROR_IS_FATAL ANY)
  endif()
endif()
