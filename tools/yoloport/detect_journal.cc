#include "detect_journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "cli.h"
#include "detect_shard.h"
#include "yoloport/error.h"

namespace yoloport::tool {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using Line = nlohmann::json;  // that is read, from whomever: ordered_json looks keys up one by one

constexpr int kFormat = 1;
constexpr std::string_view kMark = "{\"yoloport_resume\":";  // how every journal begins

std::string KeyOf(const Item& item) {
  Fingerprint of_path;
  of_path.Add(item.source.native());
  return of_path.hex();
}

// Changes when the file does; "" when there is none.
std::string StampOf(const Item& item) {
  std::error_code error;
  const auto size = fs::file_size(item.source, error);
  if (error) return "";
  const auto time = fs::last_write_time(item.source, error);
  if (error) return "";
  return std::to_string(size) + "-" + std::to_string(time.time_since_epoch().count());
}

bool IsFile(const Item& item) {
  return item.kind == InputKind::kImage || item.kind == InputKind::kVideo;
}

// Of all contents.
std::string FingerprintOf(const std::vector<fs::path>& files) {
  Fingerprint of_contents;
  std::vector<char> buffer(1 << 20);
  for (const fs::path& file : files) {
    std::ifstream in(file, std::ios::binary);
    while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0) {
      of_contents.Add({buffer.data(), static_cast<std::size_t>(in.gcount())});
    }
  }
  return of_contents.hex();
}

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string Header(const MadeBy& made_by) {
  Json files = Json::object();
  for (const auto& [option, file] : made_by.files) {
    if (made_by.options.contains(option)) files[option] = FingerprintOf({file});
  }
  return Dump({{"yoloport_resume", kFormat},
               {"model", FingerprintOf(made_by.model)},
               {"options", Json(made_by.options)},
               {"files", files}});
}

std::string OptionText(const Line& options, const std::string& name) {
  if (!options.contains(name)) return "without " + name;
  const auto value = options.at(name).get<std::string>();
  return "with " + name + (value.empty() ? "" : " " + value);
}

// Throws UsageError that says what differs.
void RequireSame(const fs::path& path, const Line& then, const Line& now) {
  const char* hint = "give the options of the first run, or delete that file to begin anew";
  if (then.at("model") != now.at("model")) {
    throw UsageError(Named(path) + ": was begun with another model", hint);
  }
  for (const Line* one : {&then.at("options"), &now.at("options")}) {
    for (const auto& [name, ignored] : one->items()) {
      const std::string before = OptionText(then.at("options"), name);
      const std::string after = OptionText(now.at("options"), name);
      if (before == after) continue;
      throw UsageError(
          Named(path) + ": was begun " + Printable(before) + ", and this is " + Printable(after),
          hint);
    }
  }
  for (const auto& [option, contents] : now.at("files").items()) {
    if (then.at("files").at(option) == contents) continue;
    throw UsageError(Named(path) + ": was begun with other contents of the file of " + option,
                     "put them back, or delete that journal to begin anew");
  }
}

ImageResult ResultOf(const Line& line, const Item& item) {
  ImageResult result;
  result.image = item.source.native();
  result.width = line.at("width");
  result.height = line.at("height");
  result.frame = line.value("frame", std::int64_t{-1});
  result.time = line.value("time", 0.0);
  for (const Line& row : line.at("found")) {
    Detection detection;
    detection.label = row.at(0);
    detection.score = row.at(1);
    for (std::size_t i = 0; i < 4; ++i) detection.box[i] = row.at(2 + i);
    result.detections.push_back(detection);
  }
  return result;
}

}  // namespace

Journal::Journal(fs::path path, const MadeBy& made_by) : path_(std::move(path)) {
  TryToMakeFolders(path_.parent_path());
  try {
    Open();
    Read(Header(made_by));
  } catch (...) {
    if (fd_ >= 0) ::close(fd_);
    throw;
  }
}

Journal::~Journal() { ::close(fd_); }

// Never through a link: what it points to is somebody else's.
void Journal::Open() {
  fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
               0666);
  if (fd_ < 0 && errno == ELOOP) throw NotOwn("it is a link");
  if (fd_ < 0 && (errno == ENXIO || errno == EISDIR)) throw NotOwn("it is not a regular file");
  if (fd_ < 0) {
    throw FileError(Named(path_) + ": cannot be opened: " + std::strerror(errno));
  }
  if (::flock(fd_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
  throw UsageError(Named(path_) + ": another run is writing it",
                   "wait for its end, or choose another --out-dir");
}

FileError Journal::NotOwn(const std::string& why) const {
  return FileError(Named(path_) + ": is not what --resume writes: " + why,
                   "move it away, or choose another --out-dir");
}

// Whether the file is a journal, or empty. Nothing is written to any other.
void Journal::CheckIsOwn() const {
  struct stat info = {};
  if (::fstat(fd_, &info) != 0) {
    throw FileError(Named(path_) + ": cannot be read: " + std::strerror(errno));
  }
  if (!S_ISREG(info.st_mode)) throw NotOwn("it is not a regular file");
  if (info.st_size == 0) return;
  std::string begin(kMark.size(), '\0');
  const ssize_t count = ::pread(fd_, begin.data(), begin.size(), 0);
  if (count != static_cast<ssize_t>(kMark.size()) || begin != kMark) {
    throw NotOwn("it begins otherwise");
  }
}

void Journal::Read(const std::string& header) {
  CheckIsOwn();
  std::ifstream in(path_, std::ios::binary);
  std::int64_t offset = 0;  // behind the last whole line
  std::int64_t number = 0;
  for (std::string line; std::getline(in, line) && !in.eof();) {
    ++number;
    try {
      if (number == 1) {
        const Line then = Line::parse(line);
        if (then.at("yoloport_resume") != kFormat) throw std::runtime_error("another format");
        RequireSame(path_, then, Line::parse(header));
      } else {
        Remember(line, offset);
      }
    } catch (const UsageError&) {
      throw;
    } catch (const std::exception&) {
      throw FileError(Named(path_) + ": line " + std::to_string(number) + " is damaged",
                      "delete the file to begin anew");
    }
    offset += static_cast<std::int64_t>(line.size()) + 1;
  }
  // Whoever wrote half a line was killed at it.
  if (::ftruncate(fd_, offset) != 0) {
    throw FileError(Named(path_) + ": cannot be written: " + std::strerror(errno));
  }
  if (number == 0) Append(header);
}

void Journal::Remember(std::string_view text, std::int64_t offset) {
  const Line line = Line::parse(text);
  Entry& entry = entries_[line.at("key")];
  const bool is_end = line.contains("frames");
  if (is_end) {
    entry.frames = line.at("frames");
    return;
  }
  const std::int64_t frame = line.value("frame", std::int64_t{-1});
  if (frame <= 0) entry = {line.at("stamp"), offset, -1, frame < 0};
}

bool Journal::Has(const Item& item) const {
  const auto found = entries_.find(KeyOf(item));
  if (!IsFile(item) || found == entries_.end()) return false;
  const Entry& entry = found->second;
  const bool is_whole = item.kind == InputKind::kImage ? entry.is_image : entry.frames > 0;
  return is_whole && entry.stamp == StampOf(item);
}

void Journal::Replay(const Item& item, const std::function<void(const ImageResult&)>& take) const {
  const Entry& entry = entries_.at(KeyOf(item));
  std::ifstream in(path_, std::ios::binary);
  in.seekg(entry.offset);
  std::string line;
  for (std::int64_t i = 0; i < (entry.is_image ? 1 : entry.frames); ++i) {
    ImageResult result;
    try {
      std::getline(in, line);
      result = ResultOf(Line::parse(line), item);
    } catch (const nlohmann::json::exception&) {
      throw FileError(Named(path_) + ": what it holds of " + Named(item.source) + " is damaged",
                      "delete the file to begin anew");
    }
    take(result);
  }
}

void Journal::Add(const Item& item, const ImageResult& result) {
  if (!IsFile(item)) return;
  Json line = {{"key", KeyOf(item)},
               {"image", result.image},
               {"stamp", StampOf(item)},
               {"width", result.width},
               {"height", result.height}};
  if (result.frame >= 0) {
    line["frame"] = result.frame;
    line["time"] = result.time;
    frames_ = result.frame + 1;
  }
  Json& found = line["found"] = Json::array();
  // As doubles, which are read back exactly.
  for (const Detection& each : result.detections) {
    const auto& [x1, y1, x2, y2] = each.box;
    found.push_back({each.label, each.score, x1, y1, x2, y2});
  }
  Append(Dump(line));
}

void Journal::EndVideo(const Item& item) {
  if (IsFile(item)) Append(Dump({{"key", KeyOf(item)}, {"frames", frames_}}));
}

// One call for a line: a process that is killed has written it, or not, or is cut off by the system
// in its middle, which the next run sees by the missing line end.
void Journal::Append(const std::string& line) {
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t count = ::write(fd_, rest.data(), rest.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      throw FileError(Named(path_) + ": cannot be written: " + std::strerror(errno));
    }
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
}

}  // namespace yoloport::tool
