// yoloport-detect: what `yoloport detect` and `yoloport build-engine` run. A program of its own,
// since OpenCV and a runtime take longer to load than an export takes.
#include <chrono>
#include <csignal>
#include <cstring>
#include <optional>

#include "build_engine.h"
#include "cli.h"
#include "detect_inputs.h"
#include "detect_report.h"
#include "yoloport/detector.h"
#include "yoloport/error.h"
#include "yoloport/image.h"
#include "yoloport/results.h"

namespace yoloport::tool {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct Options {
  std::vector<std::string> paths;  // images and folders, then the model
  std::string out_dir = "./output";
  std::string json;
  double score_threshold = 0.3;
  std::optional<double> iou_threshold;
  bool class_agnostic = false;
  std::string runtime = "onnxruntime";
  std::string precision = "f32";
  std::string device;
  int threads = 0;
  bool recursive = false;
  bool no_save = false;
  bool quiet = false;

  bool json_to_stdout() const { return json == "-"; }
  bool shows_table() const { return !quiet && !json_to_stdout(); }
};

void Declare(CLI::App& app, Options& options) {
  app.allow_extras();
  app.add_option("paths", options.paths,
                 "Images and folders of images, then the model: an ONNX file, or a TensorRT engine "
                 "(.engine or .plan)")
      ->type_name("IMAGE_OR_FOLDER... MODEL");
  app.add_option("--out-dir", options.out_dir, "Where annotated pictures go")
      ->type_name("FOLDER")
      ->capture_default_str();
  app.add_option("--score-thr", options.score_threshold, "Keep what scores at least this, 0 to 1")
      ->type_name("NUMBER")
      ->capture_default_str();
  app.add_option("--iou-thr", options.iou_threshold,
                 "Drop a box that overlaps a better one by more, 0 to 1; for files that were "
                 "exported with --runtime-thresholds")
      ->type_name("NUMBER");
  app.add_flag("--class-agnostic", options.class_agnostic,
               "Let classes suppress each other; for the same files");
  app.add_option("--json", options.json, "Write a line of JSON for each image; - is stdout")
      ->type_name("FILE");
  app.add_option("--runtime", options.runtime,
                 "What runs the network: onnxruntime, openvino or tensorrt; engines always run in "
                 "tensorrt")
      ->type_name("NAME")
      ->capture_default_str();
  app.add_option("--precision", options.precision,
                 "What it computes in: f32, auto or, with openvino, bf16")
      ->type_name("NAME")
      ->capture_default_str();
  app.add_option("--device", options.device,
                 "Where: cpu, cuda or cuda:N; default: cpu, with tensorrt cuda:0")
      ->type_name("NAME");
  app.add_option("--threads", options.threads, "For the network; 0: as many as there are cores")
      ->type_name("N")
      ->capture_default_str();
  app.add_flag("--recursive", options.recursive, "Look into folders in folders");
  app.add_flag("--no-save", options.no_save, "Write no pictures");
  app.add_flag("--quiet", options.quiet, "Print errors only");
}

void Check(const Options& options) {
  if (options.paths.size() < 2) {
    throw UsageError("needs an image or a folder, and a model",
                     "yoloport detect IMAGE_OR_FOLDER... MODEL.onnx");
  }
  if (!(options.score_threshold >= 0 && options.score_threshold <= 1)) {
    throw UsageError("--score-thr must be from 0 to 1");
  }
  constexpr int kMaxThreads = 1024;
  if (options.threads < 0 || options.threads > kMaxThreads) {
    throw UsageError("--threads must be from 0 to " + std::to_string(kMaxThreads));
  }
}

double MillisecondsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// Where the results go, and what became of the images so far.
class Run {
 public:
  Run(const Options& options, const Detector& detector, const std::vector<Item>& items)
      : options_(options),
        detector_(detector),
        report_(LongestName(items)),
        progress_(items.size(), !options.quiet) {
    if (!options.json.empty() && !options.json_to_stdout()) json_file_.emplace(options.json);
    if (options.shows_table()) Show(report_.Header());
  }

  // False when nobody reads stdout any more.
  bool Process(const Item& item, std::size_t index) {
    progress_.Show(index, item.image.native());
    try {
      ProcessImage(item);
    } catch (const Error& error) {
      Fail(error.what());
      failed_.push_back(item.image.native());
    }
    return readable_;
  }

  void Fail(const std::string& what) {
    progress_.Hide();
    PrintError(what);
    failed_any_ = true;
  }

  int Finish(std::size_t total, double seconds) {
    progress_.Hide();
    if (json_file_) json_file_->Commit();
    if (!readable_) return kFailed;
    if (options_.shows_table()) Show(report_.Summary(seconds));
    if (!failed_.empty()) {
      std::string names;
      for (std::size_t i = 0; i < failed_.size() && i < 10; ++i) {
        names += (i > 0 ? ", " : "") + Printable(failed_[i]);
      }
      PrintError(std::to_string(failed_.size()) + " of " + std::to_string(total) +
                 " images failed: " + names + (failed_.size() > 10 ? " ..." : ""));
    }
    return failed_any_ ? kFailed : kDone;
  }

 private:
  static std::size_t LongestName(const std::vector<Item>& items) {
    std::size_t longest = 0;
    for (const Item& item : items) longest = std::max(longest, item.image.native().size());
    return longest;
  }

  void ProcessImage(const Item& item) {
    ImageTimes times;
    auto start = Clock::now();
    Image image = ReadImage(item.image);
    times.read = MillisecondsSince(start);
    ImageResult result{item.image.native(), image.width(), image.height(),
                       detector_.Detect(image.view(), &times.detect)};
    if (!item.picture.empty()) {
      start = Clock::now();
      DrawDetections(image, result.detections, detector_.classes(), detector_.palette());
      times.draw = MillisecondsSince(start);
      start = Clock::now();
      Save(image, item.picture);
      times.write = MillisecondsSince(start);
    }
    progress_.Hide();
    if (json_file_) json_file_->Add(result, detector_.classes());
    if (options_.json_to_stdout()) Show(JsonLine(result, detector_.classes()) + "\n");
    const std::string line = report_.Line(result, times, detector_.classes());
    if (options_.shows_table()) Show(line);
  }

  static void Save(const Image& image, const fs::path& picture) {
    std::error_code error;
    fs::create_directories(picture.parent_path(), error);
    WriteImage(image, picture);  // says what is wrong with the folder, too
  }

  void Show(const std::string& text) { readable_ = readable_ && Print(text); }

  const Options& options_;
  const Detector& detector_;
  Report report_;
  Progress progress_;
  std::optional<JsonLinesFile> json_file_;
  std::vector<std::string> failed_;
  bool failed_any_ = false;
  bool readable_ = true;
};

// Ends early with UsageError when an output would replace an input.
std::vector<Item> Collect(const Options& options, std::vector<std::string>& problems) {
  InputOptions inputs;
  inputs.inputs.assign(options.paths.begin(), options.paths.end() - 1);
  inputs.recursive = options.recursive;
  inputs.save = !options.no_save;
  inputs.out_dir = options.out_dir;
  inputs.protect = {options.paths.back()};
  std::vector<Item> items = CollectInputs(inputs, problems);
  const auto same_as_json = [&](const fs::path& path) {
    std::error_code error;
    return !options.json_to_stdout() && fs::equivalent(path, options.json, error);
  };
  bool replaces = same_as_json(options.paths.back());
  for (const Item& item : items) replaces = replaces || same_as_json(item.image);
  if (replaces) throw UsageError("--json " + Printable(options.json) + " would replace an input");
  return items;
}

int Detect(const Options& options) {
  Check(options);
  std::vector<std::string> problems;
  const std::vector<Item> items = Collect(options, problems);
  std::optional<bool> class_agnostic;
  if (options.class_agnostic) class_agnostic = true;
  const Detector detector(options.paths.back(), {.score_threshold = options.score_threshold,
                                                 .iou_threshold = options.iou_threshold,
                                                 .class_agnostic = class_agnostic,
                                                 .runtime = options.runtime,
                                                 .threads = options.threads,
                                                 .precision = options.precision,
                                                 .device = options.device});
  for (const std::string& warning : detector.warnings()) {
    if (!options.quiet) PrintWarning(warning);
  }
  const auto start = Clock::now();
  Run run(options, detector, items);
  for (const std::string& problem : problems) run.Fail(problem);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!run.Process(items[i], i + 1)) break;
  }
  return run.Finish(items.size(), MillisecondsSince(start) / 1000);
}

int Main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe must not leave a temporary file behind
  if (argc > 1 && std::strcmp(argv[1], "build-engine") == 0) return RunBuildEngine(argc, argv);
  if (argc > 1 && std::strcmp(argv[1], "detect") == 0) {
    argv[1] = argv[0];
    --argc;
    ++argv;
  }
  CLI::App app("Runs a detector on images.", "yoloport detect");
  Options options;
  Declare(app, options);
  int exit_code = kDone;
  if (!Parse(app, argc, argv, exit_code)) return exit_code;
  return RunGuarded([&] { return Detect(options); });
}

}  // namespace
}  // namespace yoloport::tool

int main(int argc, char** argv) { return yoloport::tool::Main(argc, argv); }
