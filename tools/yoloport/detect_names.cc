#include "detect_names.h"

#include <algorithm>
#include <optional>
#include <string>

namespace yoloport::tool {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFrameDigits = 6;  // at least

fs::path WithStem(const fs::path& path, const std::string& stem) {
  return path.parent_path() / (stem + path.extension().native());
}

// a.txt of a_000000.txt.
std::optional<fs::path> VideoOf(const fs::path& file) {
  const std::string stem = file.stem().native();
  const std::size_t bar = stem.rfind('_');
  if (bar == std::string::npos || stem.size() - bar - 1 < kFrameDigits) return std::nullopt;
  const bool is_number = std::all_of(stem.begin() + static_cast<std::ptrdiff_t>(bar) + 1,
                                     stem.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!is_number) return std::nullopt;
  return WithStem(file, stem.substr(0, bar));
}

}  // namespace

fs::path FrameFile(const fs::path& path, std::int64_t frame) {
  std::string number = std::to_string(frame);
  number.insert(0, kFrameDigits - std::min(number.size(), kFrameDigits), '0');
  return WithStem(path, path.stem().native() + "_" + number);
}

bool TakenNames::Has(const fs::path& path, Naming naming) const {
  const std::string name = path.lexically_normal().native();
  if (naming == Naming::kFrames) return frames_.contains(name) || like_frames_.contains(name);
  const auto video = VideoOf(name);
  return files_.contains(name) || (video && frames_.contains(video->native()));
}

void TakenNames::Add(const fs::path& path, Naming naming) {
  const std::string name = path.lexically_normal().native();
  if (naming == Naming::kFrames) {
    frames_.insert(name);
    return;
  }
  files_.insert(name);
  if (const auto video = VideoOf(name)) like_frames_.insert(video->native());
}

fs::path UniqueNames::Take(const fs::path& wanted, Naming naming) {
  fs::path name = wanted;
  if (taken_.Has(name, naming)) {
    int& number = numbers_.try_emplace(wanted.lexically_normal().native(), 1).first->second;
    do {
      name = WithStem(wanted, wanted.stem().native() + "-" + std::to_string(++number));
    } while (taken_.Has(name, naming));
  }
  taken_.Add(name, naming);
  return name;
}

}  // namespace yoloport::tool
