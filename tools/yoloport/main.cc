// yoloport: the command line. `export`, `inspect` and `set` live here; `detect`, `bench` and
// `build-engine` are the program yoloport-detect beside this one, so that exporting never loads
// OpenCV or a runtime.
#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>

#include "cli.h"
#include "commands.h"
#include "yoloport/limits.h"
#include "yoloport/version.h"

namespace {

constexpr const char* kDescription =
    "MMYOLO detectors to ONNX, and running them - without Python, torch or mmcv.\n"
    "\n"
    "  yoloport export CONFIG.py CHECKPOINT.pth     write an ONNX file\n"
    "  yoloport detect IMAGES... MODEL.onnx         find objects in images and videos\n"
    "  yoloport bench MODEL.onnx                    measure how quick it is\n"
    "  yoloport inspect FILE                        show what a config, checkpoint or model holds\n"
    "  yoloport set MODEL.onnx --score-threshold X  change thresholds of an ONNX file\n"
    "  yoloport build-engine MODEL.onnx             make a TensorRT engine of an ONNX file\n"
    "\n"
    "Each command has its own --help.";

// Becomes the program yoloport-detect, with the same arguments. Returns only when that fails.
int RunDetect(char** argv) {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::filesystem::path program = self.parent_path() / "yoloport-detect";
  ::execv(program.c_str(), argv);
  yoloport::tool::PrintError("cannot start " + program.native() + ": " + std::strerror(errno) +
                             "\nhint: it belongs beside yoloport; build or install yoloport again");
  return yoloport::tool::kFailed;
}

// Weights are folded one after another: the memory of one is good for the next. Given back to the
// system each time, its pages would be cleared each time, which takes longer than folding.
void KeepFreedMemory() {
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);  // bytes; the most that glibc takes
  ::mallopt(M_TRIM_THRESHOLD, 128 << 20);
}

// One line for each limit. CLI11 prints it as it prints the version.
std::string LimitsText() {
  std::string text;
  for (const yoloport::Limit& limit : yoloport::Limits()) {
    if (!text.empty()) text += '\n';
    text += fmt::format("{:<45} {:<31} {}", limit.what, limit.value, limit.reason);
  }
  return text;
}

// Throws whatever goes wrong but a wrong command line.
int Run(int argc, char** argv) {
  namespace tool = yoloport::tool;
  const std::string_view command = argc > 1 ? argv[1] : "";
  if (command == "detect" || command == "bench" || command == "build-engine") {
    return RunDetect(argv);
  }
  KeepFreedMemory();
  std::signal(SIGPIPE, SIG_DFL);  // `yoloport inspect FILE | head` stops quietly
  CLI::App app(kDescription, "yoloport");
  app.set_version_flag("--version", std::string("yoloport ") + yoloport::Version());
  app.add_flag_callback(
      "--limits", [] { throw CLI::CallForVersion(LimitsText(), 0); },
      "Show what files may claim before they are refused");
  app.allow_extras();
  const tool::Action run_export = tool::AddExport(app);
  app.add_subcommand("detect", "Find objects in images and videos");
  app.add_subcommand("bench", "Measure how quick a detector is");
  app.add_subcommand("build-engine", "Make a TensorRT engine of an ONNX file");
  const tool::Action run_inspect = tool::AddInspect(app);
  const tool::Action run_set = tool::AddSet(app);
  int exit_code = tool::kDone;
  if (!tool::Parse(app, argc, argv, exit_code)) return exit_code;
  if (app.got_subcommand("export")) run_export();
  if (app.got_subcommand("inspect")) run_inspect();
  if (app.got_subcommand("set")) run_set();
  return tool::kDone;
}

}  // namespace

int main(int argc, char** argv) {
  return yoloport::tool::RunGuarded([&] { return Run(argc, argv); });
}
