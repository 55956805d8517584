#include "detect.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <sstream>

#include "cli.h"
#include "detect_inputs.h"
#include "detect_options.h"
#include "detect_outputs.h"
#include "image_source.h"
#include "interrupt.h"
#include "labels.h"
#include "yoloport/detector.h"
#include "yoloport/error.h"
#include "yoloport/stream.h"

namespace yoloport::tool {
namespace {

namespace fs = std::filesystem;

// Throws FileError where a folder that is not there yet cannot be made, before work is done for it.
// Of one that is there, who writes into it says what is wrong.
void CheckCanBeMade(const fs::path& folder) {
  struct stat info = {};
  if (::stat(folder.c_str(), &info) == 0) return;
  int why = errno;
  fs::path above = fs::absolute(folder);
  while (why == ENOENT && above != above.root_path()) {
    above = above.parent_path();
    why = ::stat(above.c_str(), &info) == 0 ? 0 : errno;
  }
  if (why == 0 && !S_ISDIR(info.st_mode)) why = ENOTDIR;
  if (why == 0 && ::faccessat(AT_FDCWD, above.c_str(), W_OK | X_OK, AT_EACCESS) != 0) why = errno;
  if (why == 0) return;
  throw FileError(Named(folder) + ": cannot be created: " + std::strerror(why));
}

// A link may lead there.
void CheckNoneIsStdout(const std::vector<OutputFile>& outputs) {
  for (const OutputFile& output : outputs) {
    if (!IsStdout(output.path)) continue;
    throw UsageError(output.what + " " + Named(output.path) + " is stdout, where --json goes",
                     "choose another name or --out-dir");
  }
}

// Ends early with UsageError when an output would replace an input.
Inputs Collect(const DetectOptions& options) {
  Inputs inputs = CollectInputs({options.inputs(), options.recursive, options.out_dir});
  std::vector<OutputFile> outputs = ResultFiles(options);
  if (options.resume) outputs.push_back({options.journal(), "--resume"});
  for (const Item& item : inputs.items) {
    const bool is_image = item.kind == InputKind::kImage;
    if (options.saves()) {
      outputs.push_back({options.out_dir / item.name, is_image ? "the picture" : "the video"});
    }
    if (!options.wants("yolo")) continue;
    outputs.push_back({options.labels_dir() / item.labels, "the label file",
                       is_image ? Naming::kFile : Naming::kFrames});
  }
  if (options.json_to_stdout()) CheckNoneIsStdout(outputs);
  std::vector<fs::path> others = ModelFiles(options.model());
  for (const auto& [option, file] : options.files()) others.push_back(file);
  CheckNothingIsReplaced(inputs, others, outputs);
  KeepShard(options.shard, inputs.items);
  return inputs;
}

// What is quickest: one image at a time with all cores, where someone waits for each, or several
// at once with their share of them.
DetectorOptions OptionsFor(const DetectOptions& options, const std::vector<Item>& items) {
  DetectorOptions detector = {.score_threshold = options.score_threshold.value_or(kScoreThreshold),
                              .runtime = options.runtime,
                              .threads = options.threads,
                              .precision = options.precision,
                              .device = options.device,
                              .batch = options.batch,
                              .rect = options.rect};
  if (options.class_agnostic || options.no_class_agnostic) {
    detector.class_agnostic = options.class_agnostic;
  }
  ApplyModelOptions(options.about_model, detector);
  const bool is_live = options.show || std::any_of(items.begin(), items.end(), [](const Item& i) {
                         return i.kind == InputKind::kCamera || i.kind == InputKind::kStream;
                       });
  const bool is_one = items.size() == 1 && items[0].kind == InputKind::kImage;
  return is_live || is_one ? detector : ForThroughput(detector);
}

// Of a threshold below the file's own, which has dropped what it would find; or "".
std::string LowThresholdWarning(const DetectOptions& options, const Detector& detector) {
  if (options.score_threshold.value_or(1) >= detector.lowest_score()) return "";
  std::ostringstream text;
  text << Named(options.model()) << ": drops by itself what scores at or below "
       << detector.lowest_score() << ", so --score-thr " << *options.score_threshold
       << " finds no more; 'yoloport set --score-threshold' changes the file's own threshold";
  return text.str();
}

Treatment TreatmentFor(const DetectOptions& options, const Detector& detector) {
  Treatment treatment;
  treatment.classes = detector.classes();
  treatment.drawing = {.labels = !options.hide_labels,
                       .scores = !options.hide_scores,
                       .line_width = options.line_width};
  treatment.palette = options.colours.empty() ? detector.palette() : ReadColours(options.colours);
  treatment.wanted = FindClasses(options.only, treatment.classes);
  treatment.max_detections = static_cast<std::size_t>(options.max_detections);
  if (options.saves()) treatment.out_dir = options.out_dir;
  treatment.show = options.show;
  treatment.prints_results = options.json_to_stdout();
  treatment.orientation = detector.preprocess().orientation;
  if (!options.annotations.empty()) {
    treatment.annotations = CocoAnnotations::Read(options.annotations);
  }
  return treatment;
}

// The classes that are looked for.
std::vector<std::string> WantedClasses(const Treatment& treatment) {
  std::vector<std::string> names;
  for (std::size_t label = 0; label < treatment.classes.size(); ++label) {
    const bool is_kept =
        treatment.wanted.empty() || (label < treatment.wanted.size() && treatment.wanted[label]);
    if (is_kept) names.push_back(treatment.classes[label]);
  }
  return names;
}

std::vector<std::string> WarningsOf(const Treatment& treatment, const std::vector<Item>& items) {
  std::vector<std::string> warnings;
  const std::vector<std::string> classes = WantedClasses(treatment);
  if (treatment.draws()) warnings.push_back(DrawingWarning(classes));
  if (treatment.annotations) {
    const auto missing = MissingFrom(*treatment.annotations, items, classes);
    warnings.insert(warnings.end(), missing.begin(), missing.end());
  }
  return warnings;
}

// A picture or video that somebody has removed is made again.
Earlier FindEarlier(const DetectOptions& options, const std::vector<Item>& items) {
  Earlier earlier;
  if (!options.resume) return earlier;
  const MadeBy made_by = {ModelFiles(options.model()), options.given, options.files()};
  earlier.journal = std::make_unique<Journal>(options.journal(), made_by);
  for (const Item& item : items) {
    std::error_code error;
    const bool is_drawn = !options.saves() || fs::exists(options.out_dir / item.name, error);
    earlier.done.push_back(is_drawn && earlier.journal->Has(item));
  }
  return earlier;
}

// Where no more is wanted, nobody is to wait for a source that is silent.
bool Deliver(Job& job, Outputs& outputs, ImageSource& images) {
  bool more = false;
  try {
    more = outputs.Deliver(job);
  } catch (...) {
    images.Stop();
    throw;
  }
  if (!more) images.Stop();
  return more;
}

int Detect(DetectOptions& options) {
  Check(options);
  const bool is_output = std::ranges::any_of(
      ResultFiles(options), [](const OutputFile& file) { return IsStderr(file.path); });
  if (options.quiet && !is_output) SilenceLibraries();
  const Inputs inputs = Collect(options);
  if (options.fills_folder()) CheckCanBeMade(options.out_dir);
  const Detector detector(options.model(), OptionsFor(options, inputs.items));
  const auto warn = [&](const std::string& text) {
    if (!options.quiet && !text.empty()) PrintWarning(text);
  };
  if (inputs.skipped > 0) {
    warn(std::to_string(inputs.skipped) + (inputs.skipped == 1 ? " file" : " files") +
         " called ._* that macOS writes beside others " +
         (inputs.skipped == 1 ? "is no picture and was" : "are no pictures and were") + " skipped");
  }
  for (const std::string& note : detector.notes()) {
    if (!options.quiet) PrintNote(note);
  }
  for (const std::string& warning : detector.warnings()) warn(warning);
  warn(LowThresholdWarning(options, detector));
  const Treatment treatment = TreatmentFor(options, detector);
  for (const std::string& warning : WarningsOf(treatment, inputs.items)) warn(warning);
  const Earlier earlier = FindEarlier(options, inputs.items);
  const auto start = std::chrono::steady_clock::now();
  Outputs outputs(options, treatment, inputs.items, earlier);
  CatchInterrupts();
  for (const std::string& problem : inputs.problems) outputs.Fail(problem);
  ImageSource images(inputs.items, treatment, earlier.done,
                     {.timeout = options.timeout, .every_frame = options.every_frame});
  DetectStream(
      detector, [&] { return images.Next(); },
      [&](StreamImage& image) { return Deliver(static_cast<Job&>(image), outputs, images); });
  if (const std::string text = detector.left_out(); !text.empty()) outputs.Warn(text);
  return outputs.Finish(MillisecondsSince(start) / 1000, detector.runtime());
}

}  // namespace

std::function<int()> AddDetect(CLI::App& app) {
  const auto options = std::make_shared<DetectOptions>();
  Declare(app, *options);
  return [options] { return Detect(*options); };
}

}  // namespace yoloport::tool
