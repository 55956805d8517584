// yoloport-detect: what `yoloport detect`, `yoloport bench` and `yoloport build-engine` run. A
// program of its own, since OpenCV and a runtime take longer to load than an export takes.
#include <csignal>
#include <cstdlib>
#include <string_view>

#include "build_engine.h"
#include "cli.h"
#include "detect.h"

namespace yoloport::tool {
namespace {

int Main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe must not leave a temporary file behind
  // What is wrong with a video this program says itself.
  ::setenv("OPENCV_FFMPEG_LOGLEVEL", "-8", 0);
  const std::string_view command = argc > 1 ? argv[1] : "";
  if (command == "build-engine") return RunBuildEngine(argc, argv);
  const bool is_bench = command == "bench";
  if (is_bench || command == "detect") {
    argv[1] = argv[0];
    --argc;
    ++argv;
  }
  CLI::App app(is_bench ? "Measures a detector." : "Runs a detector on images and videos.",
               is_bench ? "yoloport bench" : "yoloport detect");
  const auto action = is_bench ? AddBench(app) : AddDetect(app);
  int exit_code = kDone;
  if (!Parse(app, argc, argv, exit_code)) return exit_code;
  return RunGuarded(action);
}

}  // namespace
}  // namespace yoloport::tool

int main(int argc, char** argv) {
  return yoloport::tool::RunGuarded([&] { return yoloport::tool::Main(argc, argv); });
}
