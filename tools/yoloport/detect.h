// The commands of the program yoloport-detect.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace yoloport::tool {

// Each declares its options in `app` and gives what the command does once they are parsed: its
// result is the exit code. Throws yoloport::Error.
std::function<int()> AddDetect(CLI::App& app);
std::function<int()> AddBench(CLI::App& app);
std::function<int()> AddBuildEngine(CLI::App& app);

}  // namespace yoloport::tool
