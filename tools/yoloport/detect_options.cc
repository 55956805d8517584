#include "detect_options.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "cli.h"
#include "yoloport/error.h"

namespace yoloport::tool {
namespace {

constexpr const char* kFooter =
    "Inputs are images, folders of images, globs, .txt files that list inputs line by line, "
    "videos,\n"
    "numbers of cameras and addresses (rtsp://..., http://...). In the window of --show, space or\n"
    "the right arrow steps to the next image or frame, p lets a video play or stop, q or escape "
    "quits.\n"
    "Exit codes: 0 done, 1 something failed (the rest is done), 2 wrong usage, 129, 130 "
    "or 143 interrupted.";

// The options that change where results go, and how they are come by, but not what they are.
constexpr std::array<std::string_view, 15> kWithoutEffect = {
    "paths",    "--out-dir",     "--no-save", "--show",      "--json",
    "--format", "--annotations", "--quiet",   "--recursive", "--threads",
    "--batch",  "--resume",      "--shard",   "--timeout",   "--every-frame"};

std::map<std::string, std::string> GivenOptions(const CLI::App& app) {
  std::map<std::string, std::string> given;
  for (const CLI::Option* option : app.get_options()) {
    const std::string name = option->get_name();
    const auto* known = std::find(kWithoutEffect.begin(), kWithoutEffect.end(), name);
    if (option->count() == 0 || known != kWithoutEffect.end()) continue;
    for (const std::string& value : option->results()) {
      std::string& text = given[name];
      text += (text.empty() ? "" : " ") + value;
    }
  }
  return given;
}

bool IsNamedLikeAModel(const std::filesystem::path& path) {
  constexpr std::array<std::string_view, 4> kEndings = {".onnx", ".xml", ".engine", ".plan"};
  const std::string ending = path.extension().native();
  return std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end();
}

void DeclareInputs(CLI::App& app, DetectOptions& options) {
  app.add_option("paths", options.paths,
                 "Images, folders, videos ..., then the model: .onnx, .xml or .engine")
      ->type_name("INPUT... MODEL");
  app.add_flag("--recursive", options.recursive, "Look into folders in folders");
  app.add_option("--shard", options.shard_text,
                 "Look at the I-th of N parts of the inputs only, for N machines")
      ->type_name("I/N");
  app.add_option("--timeout", options.timeout,
                 "Give up a camera or stream that sends no frame for so long")
      ->type_name("SECONDS")
      ->capture_default_str();
  app.add_flag("--every-frame", options.every_frame,
               "Look at all frames of cameras and streams, however late, not at the newest");
}

void DeclareOutputs(CLI::App& app, DetectOptions& options) {
  app.add_option("--out-dir", options.out_dir, "Where annotated pictures and videos go")
      ->type_name("FOLDER")
      ->capture_default_str()
      ->each([&options](const std::string&) { options.out_dir_given = true; });
  app.add_flag("--no-save", options.no_save, "Write no pictures and videos");
  app.add_flag("--show", options.show,
               "Show in a window instead; with --out-dir, show and write them");
  app.add_option("--json", options.json, "Write a line of JSON for each image; - is stdout")
      ->type_name("FILE");
  app.add_option("--format", options.formats,
                 "Also write FOLDER/detections.json (coco), FOLDER/detections.csv (csv), "
                 "FOLDER/labels/*.txt (yolo)")
      ->type_name(ListOf({"coco", "csv", "yolo"}))
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option(
         "--annotations", options.annotations,
         "With --format coco: a COCO annotation file. FOLDER/detections.json is then the list "
         "that pycocotools' loadRes takes, with that file's ids of images and categories")
      ->type_name("FILE");
  app.add_flag("--resume", options.resume,
               "Go on with a run that was ended: what is written already is not done again");
  app.add_flag("--quiet,-q", options.quiet, "Print errors only");
}

void DeclareSelection(CLI::App& app, DetectOptions& options) {
  app.add_option("--score-thr", options.score_threshold, "Keep what scores at least this, 0 to 1")
      ->type_name("NUMBER")
      ->default_str("0.3");
  app.add_flag("--class-agnostic", options.class_agnostic,
               "Let classes suppress each other: raw heads, rows of other programs, and files "
               "exported with --runtime-thresholds");
  app.add_flag("--no-class-agnostic", options.no_class_agnostic,
               "Do not, where that is the default: YOLOX's own exporter");
  app.add_option("--classes", options.only,
                 "Keep these classes only, by name or number from 0; names may have commas")
      ->type_name("NAME,NAME...")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option("--max-det", options.max_detections, "Keep so many of an image, the best; 0: all")
      ->type_name("N")
      ->capture_default_str();
  app.add_flag("--hide-labels", options.hide_labels, "Draw boxes only");
  app.add_flag("--hide-scores", options.hide_scores, "Draw labels without scores");
  app.add_option("--line-width", options.line_width,
                 "Of the boxes, in pixels; 0: by the size of the picture")
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--colors", options.colours,
                 "Colours of the classes, one a line: #rrggbb or three numbers to 255")
      ->type_name("FILE");
}

void DeclareRuntime(CLI::App& app, DetectOptions& options) {
  app.add_option(
         "--runtime", options.runtime,
         "What runs the network; engines always run in tensorrt, OpenVINO models in openvino")
      ->type_name(OneOf({"onnxruntime", "openvino", "tensorrt"}))
      ->capture_default_str();
  app.add_option("--precision", options.precision, "What it computes in; bf16 with openvino only")
      ->type_name(OneOf({"f32", "auto", "bf16"}))
      ->capture_default_str();
  app.add_option("--device", options.device,
                 "Where: cpu, cuda or cuda:N; default: cpu, with tensorrt cuda:0")
      ->type_name("NAME");
  app.add_option("--threads", options.threads, "For the network; 0: as many as there are cores")
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--batch", options.batch, "Images a run, where the model takes any number")
      ->type_name("N")
      ->capture_default_str();
  app.add_flag("--rect", options.rect,
               "Inputs only as large as the images need, where the model takes any size");
}

}  // namespace

void Declare(CLI::App& app, DetectOptions& options) {
  app.allow_extras();
  ShowExamples(app,
               "  yoloport detect photo.jpg model.onnx                    a picture with boxes in "
               "output/\n"
               "  yoloport detect photos/ clip.mp4 model.onnx --json found.jsonl\n"
               "  yoloport detect rtsp://camera/stream model.onnx --show  a window\n"
               "  yoloport detect photos/ model.onnx --no-save --format coco csv\n");
  DeclareInputs(app, options);
  BeginGroup(app, "Results");
  DeclareOutputs(app, options);
  BeginGroup(app, "What is kept");
  DeclareSelection(app, options);
  BeginGroup(app, "How the network runs");
  DeclareRuntime(app, options);
  DeclareModelOptions(app, options.about_model);
  app.footer(kFooter);
  app.callback([&app, &options] { options.given = GivenOptions(app); });
}

std::vector<std::string> SplitCommas(const std::vector<std::string>& lists) {
  std::vector<std::string> parts;
  for (const std::string& list : lists) {
    for (std::size_t begin = 0; begin <= list.size();) {
      const std::size_t end = std::min(list.find(',', begin), list.size());
      if (end > begin) parts.push_back(list.substr(begin, end - begin));
      begin = end + 1;
    }
  }
  return parts;
}

void Check(DetectOptions& options) {
  constexpr const char* kOrder = "yoloport detect INPUT... MODEL.onnx";
  if (options.paths.size() < 2) {
    throw UsageError("needs something to look at, and a model", kOrder);
  }
  const std::vector<std::string> inputs = options.inputs();
  const auto model = std::find_if(inputs.begin(), inputs.end(), IsNamedLikeAModel);
  if (model != inputs.end() && !IsNamedLikeAModel(options.model())) {
    throw UsageError(
        "the model comes last: " + Named(*model) + " stands in front of " + Named(options.model()),
        kOrder);
  }
  const std::string ending = std::filesystem::path(options.model()).extension().native();
  if (ending == ".pt" || ending == ".pth" || ending == ".safetensors") {
    throw UsageError(Named(options.model()) + ": is a checkpoint, not a model that can run",
                     "export it first: yoloport export " + Printable(options.model()));
  }
  const double score = options.score_threshold.value_or(kScoreThreshold);
  if (!(score >= 0 && score <= 1)) {
    throw UsageError("--score-thr must be from 0 to 1");
  }
  if (options.class_agnostic && options.no_class_agnostic) {
    throw UsageError("--class-agnostic and --no-class-agnostic exclude each other");
  }
  if (options.threads < 0 || options.threads > kMaxThreads) {
    throw UsageError("--threads must be from 0 to " + std::to_string(kMaxThreads));
  }
  if (!(options.timeout >= kShortestTimeout && options.timeout <= kLongestTimeout)) {
    throw UsageError("--timeout must be from 0.1 to 86400 seconds");
  }
  if (options.line_width < 0 || options.line_width > kMaxLineWidth) {
    throw UsageError("--line-width must be from 0 to " + std::to_string(kMaxLineWidth));
  }
  if (options.max_detections < 0) throw UsageError("--max-det must not be negative");
  options.shard = ParseShard(options.shard_text);
  options.formats = SplitCommas(options.formats);
  for (const std::string& format : options.formats) {
    if (format == "coco" || format == "csv" || format == "yolo") continue;
    throw UsageError("--format knows coco, csv and yolo, not " + Printable(format));
  }
  if (!options.annotations.empty() && !options.wants("coco")) {
    throw UsageError("--annotations needs --format coco, whose ids it gives");
  }
  if (!options.json.empty() && IsStdout(options.json)) options.json = "-";
  if (options.resume && options.show) throw UsageError("--resume does not go with --show");
  if (options.resume && !options.fills_folder() &&
      (options.json.empty() || options.json_to_stdout())) {
    throw UsageError("--resume needs files to go on with",
                     "leave --no-save out, or give --json FILE or --format");
  }
}

}  // namespace yoloport::tool
