// yoloport build-engine, which is part of the program yoloport-detect: it needs TensorRT.
#pragma once

namespace yoloport::tool {

// `argv[1]` is "build-engine". Gives the exit code.
int RunBuildEngine(int argc, char** argv);

}  // namespace yoloport::tool
