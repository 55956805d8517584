// yoloport-detect: what `yoloport detect`, `yoloport bench` and `yoloport build-engine` run. A
// program of its own, since OpenCV and a runtime take longer to load than an export takes.
#include <array>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>

#include "cli.h"
#include "completion.h"
#include "detect.h"
#include "ending.h"
#include "yoloport/image.h"
#include "yoloport/mapped_files.h"

namespace yoloport::tool {
namespace {

struct Command {
  const char* name;
  const char* description;
  std::function<int()> (*add)(CLI::App& app);
};

constexpr std::array<Command, 3> kCommands = {{
    {"detect", "Runs a detector on images and videos.", AddDetect},
    {"bench", "Measures a detector.", AddBench},
    {"build-engine", "Makes a TensorRT engine of an ONNX file.", AddBuildEngine},
}};

// The half of the script that the program yoloport cannot know.
int PrintCompletion(int argc, char** argv) {
  CLI::App program("", "yoloport");
  Shell shell = Shell::kBash;
  AddCompletion(program, shell);
  int exit_code = kDone;
  if (!Parse(program, argc, argv, exit_code)) return exit_code;
  std::string text;
  for (const Command& command : kCommands) {
    CLI::App app;
    command.add(app);
    text += CompletionOf(shell, app, command.name);
  }
  Print(text + CompletionEnd(shell));
  return kDone;
}

int Main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // when nobody reads the table any more, files are completed
  RemoveTemporariesAtSignals();
  GuardMappedFiles();
  // What is wrong with a video this program says itself.
  ::setenv("OPENCV_FFMPEG_LOGLEVEL", "-8", 0);
  // Its decoders keep the limit on pixels, too.
  ::setenv("OPENCV_IO_MAX_IMAGE_PIXELS", std::to_string(kMaxImagePixels).c_str(), 0);
  const std::string_view name = argc > 1 ? argv[1] : "";
  if (name == "completion") return PrintCompletion(argc, argv);
  const Command* command = kCommands.data();  // where none is named: detect
  for (const Command& each : kCommands) {
    if (name != each.name) continue;
    command = &each;
    argv[1] = argv[0];
    --argc;
    ++argv;
    break;
  }
  CLI::App app(command->description, std::string("yoloport ") + command->name);
  const auto action = command->add(app);
  int exit_code = kDone;
  if (!Parse(app, argc, argv, exit_code)) return exit_code;
  return RunGuarded(action);
}

}  // namespace
}  // namespace yoloport::tool

int main(int argc, char** argv) {
  return yoloport::tool::RunGuarded([&] { return yoloport::tool::Main(argc, argv); });
}
