// Where the results of `yoloport detect` go, and what became of the images so far.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "detect_journal.h"
#include "detect_options.h"
#include "detect_report.h"
#include "image_source.h"
#include "live_video.h"
#include "yoloport/coco_annotations.h"
#include "yoloport/results.h"
#include "yoloport/video.h"

namespace yoloport::tool {

// The files beside pictures and videos that `options` ask for.
std::vector<OutputFile> ResultFiles(const DetectOptions& options);

// Of the annotation file that gives the ids of --format coco: what it does not have, of the images
// and of the classes that are looked for, a line each. Throws UsageError where nothing that is
// found could be in the list of results.
std::vector<std::string> MissingFrom(const CocoAnnotations& annotations,
                                     const std::vector<Item>& items,
                                     const std::vector<std::string>& classes);

// What was done before, by an earlier run that this one resumes.
struct Earlier {
  std::unique_ptr<Journal> journal;  // null: nothing is resumed, nor can be later
  std::vector<bool> done;            // by item
};

class Outputs {
 public:
  // Opens the files of results. Throws FileError, and RuntimeError when there is no display.
  Outputs(const DetectOptions& options, const Treatment& treatment, const std::vector<Item>& items,
          const Earlier& earlier);

  // Takes one image or frame, in order. False when no more are wanted: nobody reads stdout any
  // more, or the user has closed the window. Throws FileError when results cannot be written.
  bool Deliver(Job& job);

  // Something failed that is not an image.
  void Fail(const std::string& what);

  // Unless --quiet.
  void Warn(const std::string& what);

  // Completes all files and tells how it went. `runtime` for the summary. The exit code.
  int Finish(double seconds, const std::string& runtime);

 private:
  void DeliverFailure(const Job& job);
  void WriteResults(const Item& item, const ImageResult& result);
  void ReplayUpTo(std::size_t index);
  void StartVideo(const Job& job);
  void WriteFrame(Job& job);
  void CloseVideo();
  bool ShowOnScreen(const Job& job);
  void Print(const std::string& text);
  void PrintFailures();

  const DetectOptions& options_;
  const Treatment& treatment_;
  const std::vector<Item>& items_;
  const Earlier& earlier_;
  std::size_t replayed_ = 0;  // items below were done before, or are this run's
  Report report_;
  Progress progress_;
  std::vector<std::unique_ptr<ResultFile>> files_;
  bool writes_yolo_ = false;

  const Item* current_ = nullptr;     // the video that frames come from
  std::optional<VideoWriter> video_;  // of a file
  std::optional<LiveVideo> live_video_;
  bool video_failed_ = false;
  bool video_broke_off_ = false;
  std::optional<Window> window_;
  bool plays_ = true;

  std::size_t items_done_ = 0;       // with the one that is on its way
  std::vector<std::string> failed_;  // the first few
  std::size_t failed_count_ = 0;
  bool failed_any_ = false;
  bool readable_ = true;
};

}  // namespace yoloport::tool
