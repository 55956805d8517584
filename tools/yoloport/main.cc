// yoloport: the command line. `export` and `inspect` live here; `detect` is the program
// yoloport-detect beside this one, so that exporting never loads OpenCV or a runtime.
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <string>
#include <string_view>

#include "command.h"
#include "yoloport/version.h"

namespace {

constexpr const char* kDescription =
    "MMYOLO detectors to ONNX, and running them - without Python, torch or mmcv.\n"
    "\n"
    "  yoloport export CONFIG.py CHECKPOINT.pth     write an ONNX file\n"
    "  yoloport detect IMAGES... MODEL.onnx         find objects in images\n"
    "  yoloport inspect FILE                        show what a config or checkpoint holds\n"
    "\n"
    "Each command has its own --help.";

// Becomes the program yoloport-detect, with the same arguments. Returns only when that fails.
int RunDetect(char** argv) {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::filesystem::path program = self.parent_path() / "yoloport-detect";
  ::execv(program.c_str(), argv);
  std::cerr << "yoloport: error: cannot start " << program.native() << ": " << std::strerror(errno)
            << "\nhint: it belongs beside yoloport; build or install yoloport again\n";
  return yoloport::tool::kFailed;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "detect") return RunDetect(argv);
  std::signal(SIGPIPE, SIG_DFL);  // `yoloport inspect FILE | head` stops quietly
  CLI::App app(kDescription, "yoloport");
  app.set_version_flag("--version", std::string("yoloport ") + yoloport::Version());
  app.require_subcommand(1);
  yoloport::tool::AddExport(app);
  app.add_subcommand("detect", "Find objects in images, folders and videos");
  yoloport::tool::AddInspect(app);
  return yoloport::tool::RunApp(app, argc, argv);
}
