// What `yoloport detect --resume` remembers: the results of every input that is done, in a file
// that grows line by line, so that a run which was killed can go on.
//
// The file is JSON lines: what made it, then a line for each image and each frame, and one for each
// video's end.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "detect_inputs.h"
#include "yoloport/error.h"
#include "yoloport/results.h"

namespace yoloport::tool {

// On what results depend beside the inputs.
struct MadeBy {
  std::vector<std::filesystem::path> model;    // the files that it consists of
  std::map<std::string, std::string> options;  // "--score-thr" -> "0.5": those that were given
  // "--colors" -> the file it names; of options that are not in `options` they do not count.
  std::map<std::string, std::filesystem::path> files = {};
};

class Journal {
 public:
  // Reads the file where there is one, and goes on behind its last whole line. Throws UsageError
  // when it was made by something else, or another run is at it; FileError when it is damaged,
  // cannot be written, or is no journal but somebody's file or link of that name, which then stays
  // as it is.
  Journal(std::filesystem::path path, const MadeBy& made_by);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Whether an earlier run has done the item, and its file is still the same.
  bool Has(const Item& item) const;

  // Gives the results of an item that it has: one for an image, one a frame for a video.
  void Replay(const Item& item, const std::function<void(const ImageResult&)>& take) const;

  // The results of this run, a video's frames in order. Nothing is kept of cameras and streams.
  // Throws FileError.
  void Add(const Item& item, const ImageResult& result);
  void EndVideo(const Item& item);

 private:
  struct Entry {
    std::string stamp;         // of the input's file
    std::int64_t offset = 0;   // of the image's line, or of the first frame's
    std::int64_t frames = -1;  // of a video that is complete
    bool is_image = false;
  };

  void Open();
  void CheckIsOwn() const;
  FileError NotOwn(const std::string& why) const;
  void Read(const std::string& header);
  void Remember(std::string_view line, std::int64_t offset);
  void Append(const std::string& line);

  std::filesystem::path path_;
  int fd_ = -1;
  std::map<std::string, Entry> entries_;  // by the fingerprint of the input's path
  std::int64_t frames_ = 0;               // of the video that is being added
};

}  // namespace yoloport::tool
