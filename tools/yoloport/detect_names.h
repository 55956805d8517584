// Names of output files that never meet.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>

namespace yoloport::tool {

// What a path stands for: one file, or a file for each frame of a video, as FrameFile() names them.
enum class Naming { kFile, kFrames };

// Frame 7 of clip.txt: clip_000007.txt.
std::filesystem::path FrameFile(const std::filesystem::path& path, std::int64_t frame);

// Nobody knows how many frames a video has, so that all names that they may have are taken.
class TakenNames {
 public:
  bool Has(const std::filesystem::path& path, Naming naming) const;
  void Add(const std::filesystem::path& path, Naming naming);

 private:
  std::set<std::string> files_;
  std::set<std::string> like_frames_;  // a.txt, where the file a_000000.txt is taken
  std::set<std::string> frames_;
};

// Gives out names, each once: the second "a.png" becomes "a-2.png".
class UniqueNames {
 public:
  std::filesystem::path Take(const std::filesystem::path& wanted, Naming naming = Naming::kFile);

 private:
  TakenNames taken_;
  std::map<std::string, int> numbers_;  // that was tried last, by what was wanted
};

}  // namespace yoloport::tool
