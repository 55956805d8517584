#include "yoloport/results.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "yoloport/image.h"

namespace yoloport {
namespace {

std::string JsonText(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// nlohmann-json writes doubles, and a float as a double has digits that say nothing.
void AppendFloat(std::string& out, float value) {
  char text[32];
  out.append(text, std::to_chars(text, text + sizeof(text), value).ptr);
}

}  // namespace

std::string JsonLine(const ImageResult& result, std::span<const std::string> classes) {
  std::string out = "{\"image\":" + JsonText(result.image) +
                    ",\"width\":" + std::to_string(result.width) +
                    ",\"height\":" + std::to_string(result.height) + ",\"detections\":[";
  const char* separator = "";
  for (const Detection& detection : result.detections) {
    out += separator;
    separator = ",";
    out += "{\"label\":" + std::to_string(detection.label) +
           ",\"class\":" + JsonText(ClassName(classes, detection.label)) + ",\"score\":";
    AppendFloat(out, detection.score);
    out += ",\"box\":";
    char bracket = '[';
    for (const float coordinate : detection.box) {
      out += bracket;
      bracket = ',';
      AppendFloat(out, coordinate);
    }
    out += "]}";
  }
  return out + "]}";
}

class JsonLinesFile::Impl {
 public:
  explicit Impl(const std::filesystem::path& path) : file_(path) {}

  void Write(std::string line) {
    pending_ += line;
    pending_ += '\n';
    constexpr std::size_t kEnough = 1 << 16;
    if (pending_.size() >= kEnough) Flush();
  }
  void Commit() {
    Flush();
    file_.Commit();
  }

 private:
  void Flush() {
    file_.Write(pending_);
    pending_.clear();
  }

  AtomicFile file_;
  std::string pending_;
};

JsonLinesFile::JsonLinesFile(const std::filesystem::path& path)
    : impl_(std::make_unique<Impl>(path)) {}
JsonLinesFile::~JsonLinesFile() = default;

void JsonLinesFile::Add(const ImageResult& result, std::span<const std::string> classes) {
  impl_->Write(JsonLine(result, classes));
}

void JsonLinesFile::Commit() { impl_->Commit(); }

}  // namespace yoloport
