// The command line of `yoloport detect`.
#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detect_model_options.h"
#include "detect_shard.h"
#include "yoloport/detector.h"
#include "yoloport/video.h"

namespace yoloport::tool {

inline constexpr double kScoreThreshold = 0.3;

struct DetectOptions {
  std::vector<std::string> paths;  // inputs, then the model
  std::string out_dir = "./output";
  bool out_dir_given = false;
  bool no_save = false;
  bool show = false;
  std::string json;                            // a file, or - for stdout
  std::vector<std::string> formats;            // coco, csv, yolo: files in out_dir
  std::string annotations;                     // a file whose ids the format coco takes
  std::optional<double> score_threshold = {};  // not given: kScoreThreshold
  std::vector<std::string> only;               // lists of names of classes; empty: all
  int max_detections = 0;                      // of an image; 0: all
  bool class_agnostic = false;
  bool no_class_agnostic = false;
  std::string colours;  // file
  bool hide_labels = false;
  bool hide_scores = false;
  int line_width = 0;
  std::string runtime = "onnxruntime";
  std::string precision = "f32";
  std::string device;
  int threads = 0;
  int batch = 1;
  bool rect = false;
  double timeout = VideoOptions().timeout;
  bool every_frame = false;
  bool recursive = false;
  std::string shard_text = "1/1";
  Shard shard;  // Check() reads it from the text
  bool resume = false;
  bool quiet = false;
  ModelOptions about_model;
  // Of those that were given, the options that change what is found or drawn, with their values.
  std::map<std::string, std::string> given;

  std::vector<std::string> inputs() const { return {paths.begin(), paths.end() - 1}; }
  const std::string& model() const { return paths.back(); }
  // --show is an alternative to files, as in easydeploy's demo, unless a folder is asked for.
  bool saves() const { return !no_save && (!show || out_dir_given); }
  bool json_to_stdout() const { return json == "-"; }
  bool wants(std::string_view format) const { return std::ranges::count(formats, format) > 0; }
  std::filesystem::path labels_dir() const { return std::filesystem::path(out_dir) / "labels"; }
  // Whether something goes into out_dir.
  bool fills_folder() const { return saves() || !formats.empty(); }
  // What --resume remembers is beside what is written.
  std::filesystem::path journal() const {
    const std::string name = "detections" + shard.suffix() + ".resume";
    return fills_folder() ? std::filesystem::path(out_dir) / name
                          : std::filesystem::path(json + ".resume");
  }
  // The files that options name, by option.
  std::map<std::string, std::filesystem::path> files() const {
    std::map<std::string, std::filesystem::path> files = {
        {"--class-names", about_model.class_names},
        {"--anchors", about_model.anchors},
        {"--colors", colours},
        {"--annotations", annotations}};
    std::erase_if(files, [](const auto& file) { return file.second.empty(); });
    return files;
  }
  bool shows_table() const { return !quiet && !json_to_stdout(); }
};

// Adds the options to `app`; they are in `options` when it has parsed.
void Declare(CLI::App& app, DetectOptions& options);

// Throws UsageError for what makes no sense by itself.
void Check(DetectOptions& options);

// Of the lists "a,b" and "c": a, b, c.
std::vector<std::string> SplitCommas(const std::vector<std::string>& lists);

// The most that --line-width takes, in pixels.
inline constexpr int kMaxLineWidth = 100;

// The most that --threads takes.
inline constexpr int kMaxThreads = 1024;

}  // namespace yoloport::tool
