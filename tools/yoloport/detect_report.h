// What `yoloport detect` tells people.
#pragma once

#include <cstddef>
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
  std::string Line(const ImageResult& result, const ImageTimes& times,
                   const std::vector<std::string>& classes);
  std::string Summary(double seconds) const;

 private:
  std::size_t name_width_;
  std::size_t images_ = 0;
  std::size_t objects_ = 0;
  ImageTimes total_;
};

// A line on stderr that says how far it has come; only on a terminal, and gone when it is
// destroyed.
class Progress {
 public:
  Progress(std::size_t total, bool wanted);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void Show(std::size_t done, const std::string& name);
  void Hide();  // before something else is printed

 private:
  std::size_t total_;
  bool shown_ = false;
  bool wanted_;
};

}  // namespace yoloport::tool
