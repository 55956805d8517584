// What a network gave that can be no detection: it is left out, and counted for the user.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

namespace yoloport::detect {

class WrongAnswers {
 public:
  enum Kind { kScore, kLabel, kBox, kCount };  // kCount: the number of an image's detections

  // Labels are from 0 to `labels` - 1; 0: how many there are is not known.
  explicit WrongAnswers(std::int64_t labels);

  bool IsLabel(double label) const;
  // Where the box is finite, and not so far out that it can only be nonsense. In pixels.
  static bool IsBox(const std::array<float, 4>& box);

  void Add(Kind kind, std::int64_t count = 1) { counts_[kind] += count; }  // thread-safe

  // A sentence for the user that begins with `model`; empty when nothing was wrong. Thread-safe.
  std::string Text(const std::string& model) const;

 private:
  std::int64_t labels_;
  std::array<std::atomic<std::int64_t>, 4> counts_ = {};
};

}  // namespace yoloport::detect
