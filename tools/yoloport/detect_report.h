// What `yoloport detect` tells people.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "yoloport/detector.h"
#include "yoloport/results.h"

namespace yoloport::tool {

// Milliseconds.
struct ImageTimes {
  double read = 0;
  DetectTimes detect;
  double draw = 0;
  double write = 0;

  double sum() const { return read + detect.prepare + detect.infer + detect.decode + draw + write; }
};

// "2 car, 1 dog", the most frequent first; "-" for nothing.
std::string CountsByClass(const std::vector<Detection>& detections,
                          const std::vector<std::string>& classes);

// The table, one line an image as it is done, and the summary under it.
class Report {
 public:
  // `name_width`: characters of the longest image name.
  explicit Report(std::size_t name_width);

  std::string Header() const;
  // Counts an image, or a frame of a video. The image's line; of a frame nothing.
  std::string Add(const ImageResult& result, const ImageTimes& times,
                  const std::vector<std::string>& classes);
  // The line of the video whose frames came last. `write_time`: milliseconds that it took to
  // complete its file.
  std::string EndVideo(double write_time);
  // `runtime`: what ran the network, and how.
  std::string Summary(double seconds, const std::string& runtime) const;

 private:
  std::string Line(const std::string& name, int width, int height, double milliseconds,
                   const std::string& found) const;

  std::size_t name_width_;
  std::size_t images_ = 0;
  std::size_t frames_ = 0;
  std::size_t dropped_ = 0;  // frames of live sources that were not the newest
  std::size_t objects_ = 0;
  ImageTimes total_;

  struct Video {
    std::string name;
    int width = 0;
    int height = 0;
    std::size_t frames = 0;
    std::size_t dropped = 0;
    std::size_t objects = 0;
    double milliseconds = 0;
  };
  Video video_;
};

// A line on stderr that says how far it has come; only on a terminal, and gone when it is
// destroyed.
class Progress {
 public:
  Progress(std::size_t total, bool wanted);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `frame` of a video, from 0; -1 for an image.
  void Show(std::size_t done, const std::string& name, std::int64_t frame);
  void Hide();  // before something else is printed

 private:
  std::size_t total_;
  bool shown_ = false;
  bool is_terminal_;
};

}  // namespace yoloport::tool
