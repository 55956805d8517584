#include "detect_outputs.h"

#include <algorithm>

#include "cli.h"
#include "interrupt.h"
#include "yoloport/error.h"

namespace yoloport::tool {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kNamedFailures = 10;

// The first few of them.
std::string SomeOf(const std::vector<std::string>& names) {
  constexpr std::size_t kNamed = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kNamed); ++i) {
    text += (i > 0 ? ", " : "") + names[i];
  }
  return text + (names.size() > kNamed ? " ..." : "");
}

// "saved to output/, results.jsonl", or "".
std::string SavedText(const DetectOptions& options) {
  std::vector<std::string> places;
  if (options.fills_folder()) {
    places.push_back(Printable((fs::path(options.out_dir) / "").lexically_normal().native()));
  }
  if (!options.json.empty()) places.push_back(Printable(options.json));
  return places.empty() ? "" : "saved to " + Join(places, ", ") + "\n";
}

std::size_t LongestName(const std::vector<Item>& items) {
  std::size_t longest = 0;
  for (const Item& item : items) longest = std::max(longest, item.source.native().size());
  return longest;
}

}  // namespace

std::vector<OutputFile> ResultFiles(const DetectOptions& options) {
  std::vector<OutputFile> files;
  if (!options.json.empty() && !options.json_to_stdout()) files.push_back({options.json, "--json"});
  const fs::path base = fs::path(options.out_dir) / ("detections" + options.shard.suffix());
  if (options.wants("coco")) files.push_back({base.native() + ".json", "--format coco"});
  if (options.wants("csv")) files.push_back({base.native() + ".csv", "--format csv"});
  return files;
}

std::vector<std::string> MissingFrom(const CocoAnnotations& annotations,
                                     const std::vector<Item>& items,
                                     const std::vector<std::string>& classes) {
  std::vector<std::string> images;
  for (const Item& item : items) {
    const std::string& source = item.source.native();
    if (item.kind != InputKind::kImage) {
      throw UsageError(Named(source) + ": is a video, and --annotations is about images",
                       "leave --annotations out, or videos");
    }
    if (!annotations.ImageId(source)) images.push_back(Printable(source));
  }
  std::vector<std::string> names;
  for (const std::string& name : classes) {
    if (!annotations.CategoryId(name)) names.push_back(Printable(name));
  }
  if (!items.empty() && images.size() == items.size()) {
    throw UsageError("--annotations: the file has none of the images, such as " + images[0],
                     "images are found by their file names");
  }
  if (!classes.empty() && names.size() == classes.size()) {
    throw UsageError("--annotations: the file has none of the classes: " + SomeOf(names),
                     "categories are found by their names; --class-names FILE gives the classes "
                     "other ones, one a line");
  }
  std::vector<std::string> missing;
  if (!images.empty()) {
    missing.push_back(
        "--annotations: " + std::to_string(images.size()) + " of " + std::to_string(items.size()) +
        " images are not in the file, and their results not in detections.json: " + SomeOf(images));
  }
  if (!names.empty()) {
    missing.push_back("--annotations: " + std::to_string(names.size()) + " of " +
                      std::to_string(classes.size()) +
                      " classes are not in the file, and what is found of them not in "
                      "detections.json: " +
                      SomeOf(names));
  }
  return missing;
}

Outputs::Outputs(const DetectOptions& options, const Treatment& treatment,
                 const std::vector<Item>& items, const Earlier& earlier)
    : options_(options),
      treatment_(treatment),
      items_(items),
      earlier_(earlier),
      report_(LongestName(items)),
      progress_(items.size(), !options.quiet),
      writes_yolo_(options.wants("yolo")) {
  for (const OutputFile& file : ResultFiles(options)) {
    const ResultFormat format = file.what == "--json"          ? ResultFormat::kJsonLines
                                : file.what == "--format coco" ? ResultFormat::kCoco
                                                               : ResultFormat::kCsv;
    if (format != ResultFormat::kJsonLines) TryToMakeFolders(options.out_dir);
    if (format == ResultFormat::kCoco && treatment.annotations) {
      files_.push_back(
          std::make_unique<ResultFile>(*treatment.annotations, file.path, treatment.classes));
      continue;
    }
    files_.push_back(std::make_unique<ResultFile>(format, file.path, treatment.classes));
  }
  if (options.show) window_.emplace("yoloport");
  const auto done = std::count(earlier.done.begin(), earlier.done.end(), true);
  if (!options.shows_table()) return;
  if (done > 0) {
    Print(std::to_string(done) + " of " + std::to_string(items.size()) +
          " inputs were done before\n");
  }
  if (static_cast<std::size_t>(done) < items.size()) Print(report_.Header());
}

// Results of an earlier run come where they would have come in one run.
void Outputs::ReplayUpTo(std::size_t index) {
  for (; replayed_ < index; ++replayed_) {
    if (earlier_.done.empty() || !earlier_.done[replayed_]) continue;
    const Item& item = items_[replayed_];
    earlier_.journal->Replay(item, [&](const ImageResult& result) { WriteResults(item, result); });
  }
}

bool Outputs::Deliver(Job& job) {
  items_done_ = job.index + 1;
  if (current_ != nullptr && current_ != &job.item) CloseVideo();
  ReplayUpTo(job.index);
  progress_.Show(items_done_, job.item.source.native(), job.frame);
  if (job.error) {
    video_broke_off_ = current_ != nullptr;
    DeliverFailure(job);
    return readable_;
  }
  if (job.video && current_ == nullptr) current_ = &job.item;
  if (job.video && !treatment_.out_dir.empty()) WriteFrame(job);
  const ImageResult result = job.Result();
  WriteResults(job.item, result);
  if (earlier_.journal) earlier_.journal->Add(job.item, result);
  const ImageTimes times = {job.read_time + job.load_time, job.times, job.draw_time,
                            job.write_time};
  const std::string line = report_.Add(result, times, treatment_.classes);
  if (options_.shows_table() && !job.video) {
    progress_.Hide();
    Print(line);
  }
  return (!window_ || ShowOnScreen(job)) && readable_;
}

void Outputs::DeliverFailure(const Job& job) {
  try {
    std::rethrow_exception(job.error);
  } catch (const std::bad_alloc&) {
    Fail(Named(job.item.source) + ": is too large for the memory there is");
  } catch (const Error& error) {
    Fail(error.what());
  } catch (const std::exception& error) {
    Fail(Named(job.item.source) + ": " + Printable(error.what()));
  }
  ++failed_count_;
  if (failed_.size() < kNamedFailures) failed_.push_back(job.item.source.native());
}

void Outputs::WriteResults(const Item& item, const ImageResult& result) {
  for (const auto& file : files_) file->Add(result);
  if (options_.json_to_stdout()) {
    progress_.Hide();
    Print(JsonLine(result, treatment_.classes) + "\n");
  }
  if (!writes_yolo_) return;
  const fs::path path = options_.labels_dir() / item.labels;
  if (result.frame <= 0) TryToMakeFolders(path.parent_path());
  WriteYoloFile(result, result.frame >= 0 ? FrameFile(path, result.frame) : path);
}

void Outputs::StartVideo(const Job& job) {
  const fs::path path = treatment_.out_dir / job.item.name;
  TryToMakeFolders(path.parent_path());
  if (job.is_live) {
    live_video_.emplace(path, job.width, job.height, job.video->rate, options_.timeout);
  } else {
    video_.emplace(path, job.width, job.height, job.video->rate);
  }
}

// A video that cannot be written is told once; its frames are still looked at.
void Outputs::WriteFrame(Job& job) {
  if (video_failed_) return;
  const auto start = Clock::now();
  try {
    if (!video_ && !live_video_) StartVideo(job);
    if (video_) video_->Write(job.image);
    if (live_video_) live_video_->Write(job.image, job.time);
  } catch (const Error& error) {
    video_.reset();
    live_video_.reset();
    video_failed_ = true;
    Fail(error.what());
  }
  job.write_time = MillisecondsSince(start);
}

void Outputs::CloseVideo() {
  const auto start = Clock::now();
  try {
    if (video_) video_->Commit();
    if (live_video_) live_video_->Commit();
  } catch (const Error& error) {
    video_failed_ = true;
    Fail(error.what());
  }
  // Whether its last frame has been seen only the next input, or the undisturbed end, can tell.
  const bool is_whole = !video_failed_ && !video_broke_off_ && readable_ && Interrupted() == 0;
  if (earlier_.journal && is_whole) earlier_.journal->EndVideo(*current_);
  video_.reset();
  live_video_.reset();
  video_failed_ = false;
  video_broke_off_ = false;
  const std::string line = report_.EndVideo(MillisecondsSince(start));
  current_ = nullptr;
  if (!options_.shows_table()) return;
  progress_.Hide();
  Print(line);
}

// False when the user wants no more.
bool Outputs::ShowOnScreen(const Job& job) {
  progress_.Hide();
  window_->Show(job.image);
  for (;;) {
    const bool steps = !job.video || !plays_;
    constexpr int kPatience = 100;  // milliseconds, to notice an interruption
    const Window::Key key = window_->Wait(steps ? kPatience : 1);
    if (key == Window::Key::kQuit) return false;
    if (key == Window::Key::kPause) plays_ = !plays_;
    const bool goes_on = key == Window::Key::kNext || (job.video && plays_);
    if (goes_on || Interrupted() != 0) return true;
  }
}

void Outputs::Fail(const std::string& what) {
  progress_.Hide();
  PrintError(what);
  failed_any_ = true;
}

void Outputs::Warn(const std::string& what) {
  if (options_.quiet) return;
  progress_.Hide();
  PrintWarning(what);
}

void Outputs::Print(const std::string& text) {
  readable_ = readable_ && PrintUnlessInterrupted(text);
}

void Outputs::PrintFailures() {
  if (failed_count_ == 0) return;
  std::string names;
  for (const std::string& name : failed_) names += (names.empty() ? "" : ", ") + Printable(name);
  PrintError(std::to_string(failed_count_) + " of " + std::to_string(items_.size()) +
             " inputs failed: " + names + (failed_count_ > failed_.size() ? " ..." : ""));
}

int Outputs::Finish(double seconds, const std::string& runtime) {
  if (current_ != nullptr) CloseVideo();
  ReplayUpTo(items_.size());
  progress_.Hide();
  for (const auto& file : files_) file->Commit();
  if (!readable_ && Interrupted() == 0) return kFailed;
  if (options_.shows_table()) Print(report_.Summary(seconds, runtime) + SavedText(options_));
  PrintFailures();
  if (const int signal = Interrupted(); signal != 0) {
    PrintError("interrupted at input " + std::to_string(items_done_) + " of " +
               std::to_string(items_.size()) + "; what was written is whole");
    constexpr int kSignalBase = 128;  // as shells count
    return kSignalBase + signal;
  }
  return failed_any_ ? kFailed : kDone;
}

}  // namespace yoloport::tool
