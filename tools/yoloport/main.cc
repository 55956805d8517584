// yoloport: the command line. `export`, `finish`, `inspect`, `set` and `package` live here;
// `detect`, `bench` and `build-engine` are the program yoloport-detect beside this one, so that
// exporting never loads OpenCV or a runtime.
#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>

#include "cli.h"
#include "commands.h"
#include "completion.h"
#include "ending.h"
#include "yoloport/limits.h"
#include "yoloport/mapped_files.h"
#include "yoloport/version.h"

namespace {

constexpr const char* kDescription =
    "Detectors of MMYOLO, MMDetection, Ultralytics, YOLOv5, YOLOv6, YOLOv7 and YOLOX to ONNX, and "
    "running them - without Python and torch.\n"
    "\n"
    "  yoloport export CONFIG.py CHECKPOINT.pth     write an ONNX file\n"
    "  yoloport export CHECKPOINT.pt                the same of a checkpoint that needs no config\n"
    "  yoloport detect IMAGES... MODEL.onnx         find objects in images and videos\n"
    "  yoloport inspect FILE                        show what a config, checkpoint or model holds\n"
    "  yoloport set MODEL.onnx --score-threshold X  change thresholds of an ONNX file\n"
    "  yoloport bench MODEL.onnx                    measure how quick it is\n"
    "\n"
    "  yoloport finish RAW.onnx --config CONFIG.py  add decoding and NMS to an ONNX file without\n"
    "  yoloport package MODEL.onnx --target triton  make a folder for a model server\n"
    "  yoloport build-engine MODEL.onnx             make a TensorRT engine of an ONNX file\n"
    "  yoloport completion bash                     print what completes command lines\n"
    "\n"
    "yoloport help COMMAND says more of each.";

// The commands of the program yoloport-detect.
struct Elsewhere {
  const char* name;
  const char* description;
};
constexpr std::array<Elsewhere, 3> kOfDetect = {{
    {"detect", "Find objects in images and videos"},
    {"bench", "Measure how quick a detector is"},
    {"build-engine", "Make a TensorRT engine of an ONNX file"},
}};

bool IsOfDetect(std::string_view command) {
  return std::any_of(kOfDetect.begin(), kOfDetect.end(),
                     [&](const Elsewhere& each) { return command == each.name; });
}

// `yoloport help COMMAND` as `yoloport COMMAND --help`; `yoloport help`, and nothing, as --help.
std::vector<char*> WithoutHelpCommand(int argc, char** argv) {
  static char help[] = "--help";
  std::vector<char*> words(argv, argv + argc);
  if (argc < 2) {
    words.push_back(help);
  } else if (std::string_view(argv[1]) == "help") {
    words.erase(words.begin() + 1);
    words.push_back(help);
  }
  words.push_back(nullptr);
  return words;
}

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

// Prints the completion of the commands that are here, and leaves the rest to yoloport-detect.
int RunCompletion(yoloport::tool::Shell shell, const CLI::App& app, char** argv) {
  namespace tool = yoloport::tool;
  std::string text = CompletionBegin(shell, app);
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    const std::string& name = command->get_name();
    if (!IsOfDetect(name)) text += CompletionOf(shell, *command, name);
  }
  return tool::Print(text) ? RunDetect(argv) : tool::kDone;
}

// Throws whatever goes wrong but a wrong command line.
int Run(std::vector<char*> words) {
  namespace tool = yoloport::tool;
  const int argc = static_cast<int>(words.size()) - 1;
  char** argv = words.data();
  const std::string_view command = argv[1];
  if (IsOfDetect(command)) return RunDetect(argv);
  KeepFreedMemory();
  std::signal(SIGPIPE, SIG_DFL);  // `yoloport inspect FILE | head` stops quietly
  tool::RemoveTemporariesAtSignals();
  yoloport::GuardMappedFiles();
  CLI::App app(kDescription, "yoloport");
  app.set_version_flag("--version", std::string("yoloport ") + yoloport::Version());
  app.add_flag_callback(
      "--limits", [] { throw CLI::CallForVersion(LimitsText(), 0); },
      "Show what files may claim before they are refused");
  app.allow_extras();
  const tool::Action run_export = tool::AddExport(app);
  const tool::Action run_finish = tool::AddFinish(app);
  for (const Elsewhere& each : kOfDetect) app.add_subcommand(each.name, each.description);
  const tool::Action run_inspect = tool::AddInspect(app);
  const tool::Action run_set = tool::AddSet(app);
  const tool::Action run_package = tool::AddPackage(app);
  tool::Shell shell = tool::Shell::kBash;
  tool::AddCompletion(app, shell);
  int exit_code = tool::kDone;
  if (!tool::Parse(app, argc, argv, exit_code)) return exit_code;
  if (app.got_subcommand("export")) run_export();
  if (app.got_subcommand("finish")) run_finish();
  if (app.got_subcommand("inspect")) run_inspect();
  if (app.got_subcommand("set")) run_set();
  if (app.got_subcommand("package")) run_package();
  if (app.got_subcommand("completion")) return RunCompletion(shell, app, argv);
  return tool::kDone;
}

}  // namespace

int main(int argc, char** argv) {
  return yoloport::tool::RunGuarded([&] { return Run(WithoutHelpCommand(argc, argv)); });
}
