// How ONNX Runtime comes into the process. CMake chooses between onnxruntime_linked.cc (the
// programs and the C++ libraries) and onnxruntime_loaded.cc (the Python package, whose ONNX Runtime
// is that of the Python package onnxruntime).
#pragma once

namespace yoloport::runtime {

// Makes ONNX Runtime's C++ interface usable. To be called before anything of it is; may be called
// again. Throws RuntimeError when the library cannot be loaded or is too old.
void InitOnnxRuntime();

}  // namespace yoloport::runtime
